using System.Security.Cryptography;
using Npgsql;

namespace IntegrationHub.TestServers;

/// <summary>A fresh, empty PostgreSQL database of one fixture; dropped on dispose, whoever is still connected.</summary>
public sealed class PostgresDatabase : IAsyncDisposable
{
    private readonly string _administrator;

    private PostgresDatabase(string administrator, string name)
    {
        _administrator = administrator;
        Name = name;
        ConnectionString = new NpgsqlConnectionStringBuilder(administrator) { Database = name, Pooling = true }.ConnectionString;
    }

    /// <summary>Name of the database.</summary>
    public string Name { get; }

    /// <summary>Connection string of the superuser on this database.</summary>
    public string ConnectionString { get; }

    /// <summary>Creates a database.</summary>
    /// <param name="administrator">Connection string of a superuser on another database; that of <see cref="SharedServers.Postgres"/> when null.</param>
    /// <param name="template">Name of a database of which it is a copy; an empty one when null.</param>
    public static async Task<PostgresDatabase> CreateAsync(string? administrator = null, string? template = null)
    {
        administrator = new NpgsqlConnectionStringBuilder(administrator ?? SharedServers.Postgres) { Pooling = false }.ConnectionString;
        var database = new PostgresDatabase(administrator, $"hub_{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(6))}");
        await ExecuteAsync(administrator, template is null ? $"CREATE DATABASE {database.Name}" : $"CREATE DATABASE {database.Name} TEMPLATE {template}");
        return database;
    }

    /// <summary>Drops the database. A server that is gone already has nothing to drop.</summary>
    public async ValueTask DisposeAsync()
    {
        NpgsqlConnection.ClearPool(new NpgsqlConnection(ConnectionString));
        try
        {
            await ExecuteAsync(_administrator, $"DROP DATABASE IF EXISTS {Name} WITH (FORCE)");
        }
        catch (NpgsqlException gone) when (gone is not PostgresException)
        {
        }
    }

    private static async Task ExecuteAsync(string administrator, string sql)
    {
        await using var connection = new NpgsqlConnection(administrator);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
