using Npgsql;

namespace IntegrationHub.Storage;

/// <summary>Reads from a connection string how the database is reached; pure.</summary>
public static class DatabaseRoads
{
    /// <summary>The way to a database.</summary>
    /// <exception cref="ArgumentException">The connection string cannot be read.</exception>
    public static DatabaseRoad Of(StorageDatabase database, string? connectionString)
    {
        var connection = new NpgsqlConnectionStringBuilder(database == StorageDatabase.Postgres ? connectionString : null);
        return connection.SslMode switch
        {
            _ when !IsAway(connection.Host) => DatabaseRoad.Safe,
            SslMode.VerifyFull => DatabaseRoad.Safe,
            SslMode.VerifyCA or SslMode.Require => DatabaseRoad.Unsure,
            SslMode.Disable => DatabaseRoad.Plain,
            _ => DatabaseRoad.PerhapsPlain,
        };
    }

    /// <summary>Whether one of several hosts, each with a port or without, is another machine; a path is a socket of this one.</summary>
    private static bool IsAway(string? hosts) => (hosts ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
        .Any(host => !host.StartsWith('/') && !host.StartsWith('@') && Uri.TryCreate($"tcp://{host}", UriKind.Absolute, out var address) && !address.IsLoopback);
}
