namespace IntegrationHub.Connectors.Abstractions;

/// <summary>Records of one operation for one destination, within the limits that the connector declares. No two items share a key.</summary>
public sealed record Batch
{
    /// <summary>What to do with every item.</summary>
    public required Operation Operation { get; init; }

    /// <summary>The audience, for membership operations; else null.</summary>
    public AudienceTarget? Audience { get; init; }

    /// <summary>The records, 1 or more.</summary>
    public required IReadOnlyList<BatchItem> Items { get; init; }
}

/// <summary>One record of a batch. Contains personal data: never log it.</summary>
public sealed record BatchItem
{
    /// <summary>The hub's id of the record; outcomes refer to it. Unique within the batch.</summary>
    public required long RecordId { get; init; }

    /// <summary>
    /// Value of the destination's identity key, already in the vendor's normal form (for example lower case for an e-mail).
    /// Unique within the batch, and never in flight in two batches of one destination at a time.
    /// </summary>
    public required string Key { get; init; }

    /// <summary>The vendor's own id of the person when the hub has learned it before, else null. May be stale: the vendor may have merged or deleted it.</summary>
    public string? RemoteId { get; init; }

    /// <summary>Fields to write, without the identity key itself; empty for a removal.</summary>
    public IReadOnlyList<Field> Fields { get; init; } = [];
}

/// <summary>An audience as a destination represents it.</summary>
/// <param name="Audience">The hub's key of the audience.</param>
/// <param name="RemoteRef">What <see cref="IConnector.EnsureAudienceAsync"/> returned for it: a list id, an attribute name.</param>
public sealed record AudienceTarget(string Audience, string RemoteRef);
