namespace IntegrationHub.Storage.Retention;

/// <summary>Rows that are kept for one time.</summary>
public enum RetentionClass
{
    /// <summary>Facts of the short class as they came, by when they were received. Those that a delivery still sends stay.</summary>
    ShortFacts,

    /// <summary>Facts of the standard class.</summary>
    Facts,

    /// <summary>Facts of the long class.</summary>
    LongFacts,

    /// <summary>What destinations were told of events, by when.</summary>
    EventReceipts,

    /// <summary>Former decisions of consent, by when they were recorded. What holds now stands in a table of its own and stays.</summary>
    ConsentHistory,

    /// <summary>What runs that are over did to each record, their read-backs and findings, by when the run ended. The run itself and its counts stay.</summary>
    RunRecords,

    /// <summary>Records that did not arrive, by when that was certain.</summary>
    DeadLetters,

    /// <summary>Rows of lists that could not be read or were repeated, by when the list was applied. Those of an audience's latest list stay: they say who is unknown.</summary>
    Rejects,

    /// <summary>Facts that were set aside, by when they were received.</summary>
    Quarantine,

    /// <summary>Lists that were uploaded but never applied, by when the upload began. A list that a run still waits for stays.</summary>
    AbandonedSnapshots,

    /// <summary>How many changes went live, by their minute.</summary>
    LiveCounts,

    /// <summary>That a call of a webhook came, by when it did. A call that is not turned into facts yet stays.</summary>
    WebhookReceipts,

    /// <summary>What vendors had before backfills wrote, by when it was read; so long a backfill can be rolled back.</summary>
    BeforeImages,

    /// <summary>What became of bells of schedules, by when that was known.</summary>
    JobRuns,

    /// <summary>What such a call said, by when it came; its facts stay.</summary>
    WebhookBodies,

    /// <summary>How many facts came in of each type and producer, hour by hour, by the hour.</summary>
    FactVolumes,

    /// <summary>How facts departed from their contracts, by when it last happened.</summary>
    Violations,
}
