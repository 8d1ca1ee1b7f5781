using IntegrationHub.Storage;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace IntegrationHub.TestServers;

/// <summary>
/// Databases that hold the hub's tables and nothing else: each is a copy of one that was migrated once in this process, for applying every migration takes longer than most tests.
/// </summary>
public static class MigratedDatabase
{
    private static readonly Lazy<Task<string>> _postgres = new(MigratePostgresAsync);
    private static readonly Lazy<Task<string>> _sqlite = new(MigrateSqliteAsync);

    /// <summary>Creates a PostgreSQL database; of <see cref="SharedServers.Postgres"/>.</summary>
    public static async Task<PostgresDatabase> CreateAsync() => await PostgresDatabase.CreateAsync(template: await _postgres.Value);

    /// <summary>Creates an SQLite file.</summary>
    /// <param name="path">The file, which is not there yet; the hub's own is <c>hub.db</c> in its data folder.</param>
    public static async Task CreateAsync(string path) => File.Copy(await _sqlite.Value, path);

    private static async Task<string> MigratePostgresAsync()
    {
        var template = await PostgresDatabase.CreateAsync();
        AppDomain.CurrentDomain.ProcessExit += (_, _) => template.DisposeAsync().AsTask().Wait();
        await MigrateAsync(new StorageOptions { Database = StorageDatabase.Postgres, ConnectionString = template.ConnectionString });

        // Nobody may be connected to a database that is copied.
        NpgsqlConnection.ClearAllPools();
        return template.Name;
    }

    private static async Task<string> MigrateSqliteAsync()
    {
        var folder = Directory.CreateTempSubdirectory("hub-template-").FullName;
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(folder, recursive: true);
        var path = Path.Combine(folder, "hub.db");
        await MigrateAsync(new StorageOptions { Database = StorageDatabase.Sqlite, ConnectionString = $"Data Source={path};Pooling=False" });

        // What stands in the log beside the file belongs into it.
        await using var connection = new SqliteConnection($"Data Source={path};Pooling=False");
        await connection.OpenAsync();
        await using var command = connection.CreateCommand();
        command.CommandText = "PRAGMA wal_checkpoint(TRUNCATE)";
        await command.ExecuteNonQueryAsync();
        return path;
    }

    private static async Task MigrateAsync(StorageOptions options)
    {
        await using var services = new ServiceCollection().AddHubStorage(options).BuildServiceProvider();
        await using var scope = services.CreateAsyncScope();
        await HubDatabase.MigrateAsync(scope.ServiceProvider.GetRequiredService<HubDbContext>(), CancellationToken.None);
    }
}
