namespace IntegrationHub.Connectors.Abstractions;

/// <summary>What became of one record of a batch.</summary>
public enum Outcome
{
    /// <summary>The vendor confirmed it for this record.</summary>
    Delivered,

    /// <summary>The vendor says that it was so already.</summary>
    Unchanged,

    /// <summary>The vendor queued it and will tell later; not delivered yet.</summary>
    Accepted,

    /// <summary>The vendor refuses this record for good; repeating cannot help.</summary>
    Rejected,

    /// <summary>It may succeed later; costs the record one attempt.</summary>
    RetryLater,

    /// <summary>
    /// It may have been applied and may not: the answer was lost, a repeat could apply it twice, and reading it back is not possible.
    /// Never sent again by the hub; a person decides.
    /// </summary>
    Ambiguous,

    /// <summary>It was not sent, or refused for a reason that is not the record's: throttled, unauthorized, unavailable. Costs no attempt; <see cref="Receipt.Condition"/> says why.</summary>
    NotSent,

    /// <summary>
    /// Its call was not made: by the last look, <see cref="Batch.LastLook"/>, the person may not be sent any more. What earlier calls of the same batch
    /// wrote stays written. Costs no attempt.
    /// </summary>
    Withheld,
}

/// <summary>The outcome of one record.</summary>
public readonly record struct RecordOutcome
{
    /// <summary><see cref="BatchItem.RecordId"/>.</summary>
    public required long RecordId { get; init; }

    /// <summary>What became of it.</summary>
    public required Outcome Outcome { get; init; }

    /// <summary>Stable reason code in snake_case, or the vendor's raw code prefixed by the vendor (<c>marketo_1004</c>). Null for Delivered and Unchanged, unless something of the record was left out. Never personal data.</summary>
    public string? Code { get; init; }

    /// <summary>The vendor's id of the person when the answer told it, else null.</summary>
    public string? RemoteId { get; init; }

    /// <summary>With <see cref="Outcome.Rejected"/>: true when another person has at the vendor what this one is to have, an address or a key, so that it may pass once that one gave it up.</summary>
    public bool IsTaken { get; init; }

    /// <summary>True when the vendor said that nobody has <see cref="BatchItem.RemoteId"/>, so that it is to be forgotten. A failure says no such thing.</summary>
    public bool RemoteIdIsGone { get; init; }
}

/// <summary>The answer to a batch: exactly one outcome per item, in any order, and what the connector learned about the destination.</summary>
public sealed record Receipt
{
    /// <summary>One outcome per item. An item that the vendor did not mention is <see cref="Outcome.RetryLater"/>, never delivered.</summary>
    public required IReadOnlyList<RecordOutcome> Outcomes { get; init; }

    /// <summary>Trouble that concerns the destination and not a record, or null.</summary>
    public DestinationCondition? Condition { get; init; }
}

/// <summary>What is wrong with a destination as a whole.</summary>
public enum DestinationTrouble
{
    /// <summary>A rate, concurrency or daily limit was met: wait, no attempt is consumed.</summary>
    Throttled,

    /// <summary>Credentials are refused: stop and ask a person.</summary>
    Unauthorized,

    /// <summary>Permissions, fields, lists or addresses are wrong: stop and ask a person.</summary>
    Misconfigured,

    /// <summary>The vendor answers with failures or not at all: back off, probe.</summary>
    Unavailable,
}

/// <summary>A condition of the destination.</summary>
/// <param name="Trouble">Which kind.</param>
/// <param name="Code">Stable reason code in snake_case or the vendor's raw code; never personal data.</param>
/// <param name="RetryAfter">How long the vendor asks to wait, or null when it did not say.</param>
public sealed record DestinationCondition(DestinationTrouble Trouble, string Code, TimeSpan? RetryAfter = null)
{
    /// <summary>
    /// True when the trouble is that of one endpoint, one job or one kind of event: the same work waits, as long as <see cref="RetryAfter"/>
    /// says, and all other work for the destination goes on.
    /// </summary>
    public bool ConcernsThisWorkOnly { get; init; }
}
