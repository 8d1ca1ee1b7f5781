using IntegrationHub.Storage.Sealing;

namespace IntegrationHub.Storage;

/// <summary>Which database, and where.</summary>
public sealed record StorageOptions
{
    /// <summary>The dialect.</summary>
    public required StorageDatabase Database { get; init; }

    /// <summary>Connection string of Npgsql or of SQLite (<c>Data Source=hub.db</c>). Settings that the hub needs for speed are added where they are missing.</summary>
    public required string ConnectionString { get; init; }

    /// <summary>Whether a process that starts brings the schema up to date itself; else it refuses to start on an older one.</summary>
    public bool Migrates { get; init; } = true;

    /// <summary>What columns are sealed with; nothing unless set.</summary>
    public SealingKeys Sealing { get; init; } = SealingKeys.None;

    /// <summary>How many read at once for those who only look, apart from the hub's other connections.</summary>
    public int ReadConnections { get; init; } = 10;

    /// <summary>How long the database may work on what is read for those who only look.</summary>
    public TimeSpan LongestRead { get; init; } = TimeSpan.FromSeconds(2);
}

/// <summary>The databases that storage speaks.</summary>
public enum StorageDatabase
{
    /// <summary>A SQLite file, for one process.</summary>
    Sqlite,

    /// <summary>PostgreSQL, for any number of processes.</summary>
    Postgres,
}
