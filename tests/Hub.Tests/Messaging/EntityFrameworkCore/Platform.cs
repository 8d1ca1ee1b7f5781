using IntegrationHub.BridgeProcess;
using Microsoft.Data.Sqlite;
using IntegrationHub.TestServers;

namespace IntegrationHub.Hub.Tests.Messaging.EntityFrameworkCore;

/// <summary>A database and a bus that the bridge must work on.</summary>
public enum Platform
{
    PostgresAndRabbitMq,
    PostgresInMemory,
    SqliteAndRabbitMq,
    SqliteInMemory,
}

/// <summary>A fresh database with the bridge's tables, and a fresh virtual host, of one fixture.</summary>
internal sealed class PlatformServers : IAsyncDisposable
{
    private PostgresDatabase? _database;
    private RabbitMqVirtualHost? _virtualHost;
    private string? _folder;

    /// <summary>Leads an application to the database and the bus.</summary>
    public BridgeSettings Settings { get; private set; } = new();

    public RabbitMqVirtualHost? VirtualHost => _virtualHost;

    public static async Task<PlatformServers> CreateAsync(Platform platform, string? postgres = null, Uri? rabbitMq = null)
    {
        var servers = new PlatformServers();
        try
        {
            await servers.OpenAsync(platform, postgres, rabbitMq);
            return servers;
        }
        catch
        {
            await servers.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_virtualHost != null)
            await _virtualHost.DisposeAsync();
        if (_database != null)
            await _database.DisposeAsync();
        if (_folder != null)
        {
            SqliteConnection.ClearAllPools();
            Directory.Delete(_folder, recursive: true);
        }
    }

    private async Task OpenAsync(Platform platform, string? postgres, Uri? rabbitMq)
    {
        if (platform is Platform.PostgresAndRabbitMq or Platform.PostgresInMemory)
        {
            _database = await PostgresDatabase.CreateAsync(postgres);
            Settings = Settings with { Postgres = _database.ConnectionString };
        }
        else
        {
            _folder = Directory.CreateTempSubdirectory("hub-bridge-").FullName;
            Settings = Settings with { Sqlite = $"Data Source={Path.Combine(_folder, "bridge.db")}" };
        }

        if (platform is Platform.PostgresAndRabbitMq or Platform.SqliteAndRabbitMq)
        {
            _virtualHost = await RabbitMqVirtualHost.CreateAsync(rabbitMq);
            Settings = Settings with { RabbitMq = _virtualHost.Uri };
        }

        await BridgeHost.CreateTablesAsync(Settings);
    }
}
