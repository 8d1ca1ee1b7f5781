using System.Data;

namespace MassTransit;

/// <summary>Settings of the transactional outbox of one context.</summary>
public interface IEntityFrameworkOutboxConfigurator
{
    /// <summary>How long a consumed message is remembered, counted from the delivery of what its consumer sent. Default 30 minutes.</summary>
    TimeSpan DuplicateDetectionWindow { set; }

    /// <summary>Isolation of the inbox' and the delivery's transactions. Default read committed: rows are locked where needed.</summary>
    IsolationLevel IsolationLevel { set; }

    /// <summary>Polling interval of the bus outbox; the safety net behind the wake-up signal. Default 1 second.</summary>
    TimeSpan QueryDelay { set; }

    /// <summary>Outboxes that one delivery transaction takes, at most. Default 500.</summary>
    int QueryMessageLimit { set; }

    /// <summary>How often consumers' abandoned messages and expired inbox rows are looked for. Default 10 seconds.</summary>
    TimeSpan SweepDelay { set; }

    /// <summary>
    /// From this age a consumer's message that is still stored counts as abandoned by its process. Default 30 seconds.
    /// Shorter than a broker's confirm ever takes, messages may be sent twice.
    /// </summary>
    TimeSpan AbandonedAfter { set; }

    /// <summary>Does not run the removal of expired inbox rows in this process.</summary>
    void DisableInboxCleanupService();

    /// <summary>Uses PostgreSQL: row locks, <c>xmin</c>, arrays.</summary>
    void UsePostgres();

    /// <summary>Uses SQLite: one writer at a time, one process.</summary>
    void UseSqlite();

    /// <summary>What a scope outside of a consumer sends goes through the outbox too, with the context's SaveChanges.</summary>
    void UseBusOutbox(Action<IEntityFrameworkBusOutboxConfigurator>? configure = null);
}

/// <summary>Settings of the bus outbox.</summary>
public interface IEntityFrameworkBusOutboxConfigurator
{
    /// <summary>Messages that one delivery transaction takes, at most. Default 1000.</summary>
    int MessageDeliveryLimit { set; }

    /// <summary>How long the messages of one outbox may take to be confirmed. Default 30 seconds.</summary>
    TimeSpan MessageDeliveryTimeout { set; }

    /// <summary>Does not deliver in this process; another one has to.</summary>
    void DisableDeliveryService();
}
