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

    /// <summary>Records that did not arrive, by when that was certain, with their corrections. Those that are being sent again stay.</summary>
    DeadLetters,

    /// <summary>What people did with dead letters and what came of it, by when it was over.</summary>
    LetterActions,

    /// <summary>How many letters died per day, by the day.</summary>
    LetterDays,

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

    /// <summary>What was settled where, minute by minute, by the minute.</summary>
    DeliveryMinutes,

    /// <summary>Hubs that ended without a word, by their last heartbeat.</summary>
    Instances,

    /// <summary>Alerts that are over, by when they were resolved.</summary>
    Alerts,

    /// <summary>What was told of alerts, by when it was written.</summary>
    AlertSends,

    /// <summary>How facts departed from their contracts, by when it last happened.</summary>
    Violations,

    /// <summary>How well destinations knew the people of audiences, by when that was counted.</summary>
    MatchRates,

    /// <summary>How many events destinations were owed, by when the events were received.</summary>
    EventsOwed,

    /// <summary>Trips of canary people, by when they set off.</summary>
    CanaryTrips,

    /// <summary>How vendors' fields were before they changed, by when that version was first seen. How they are stays.</summary>
    FieldVersions,

    /// <summary>What vendors said of their interfaces beside answers, by when it was last heard.</summary>
    VendorNotices,

    /// <summary>When destinations were told of people who may not be sent, by when they had answered.</summary>
    ToldDenials,

    /// <summary>Answers to commands, kept so that a repeat gets the same one, by when the command came.</summary>
    IdempotencyKeys,

    /// <summary>Runs that are over, with their plans and counts, by when they ended. Those that still have records, dead letters or before-images stay.</summary>
    Runs,

    /// <summary>That lists were uploaded, and what became of them, by when they were applied or given up. An audience's latest one stays, and one that a run or a reject still names.</summary>
    Snapshots,
}
