using MassTransit;

namespace IntegrationHub.BridgeProcess;

/// <summary>Where the small application keeps its rows and sends its messages.</summary>
public sealed record BridgeSettings
{
    /// <summary>Connection string of a PostgreSQL database; null for SQLite.</summary>
    public string? Postgres { get; init; }

    /// <summary>Connection string of a SQLite file; null for PostgreSQL.</summary>
    public string? Sqlite { get; init; }

    /// <summary>AMQP address of a virtual host; null for the in-memory bus.</summary>
    public Uri? RabbitMq { get; init; }

    public ConcurrencyMode ConcurrencyMode { get; init; } = ConcurrencyMode.Pessimistic;

    /// <summary>Messages that one endpoint consumes side by side.</summary>
    public int Concurrency { get; init; } = 16;

    /// <summary>How often a failed message is tried again.</summary>
    public int Retries { get; init; } = 3;

    /// <summary>How long to wait before a failed message is tried again; null tries at once.</summary>
    public TimeSpan? RetryInterval { get; init; }

    public TimeSpan QueryDelay { get; init; } = TimeSpan.FromMilliseconds(200);

    public TimeSpan DuplicateDetectionWindow { get; init; } = TimeSpan.FromMinutes(30);

    public TimeSpan AbandonedAfter { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>False leaves what is stored to another process.</summary>
    public bool Delivers { get; init; } = true;

    /// <summary>Declares quorum queues, which production uses.</summary>
    public bool QuorumQueues { get; init; }
}
