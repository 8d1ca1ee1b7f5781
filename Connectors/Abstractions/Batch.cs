namespace IntegrationHub.Connectors.Abstractions;

/// <summary>Records of one operation for one destination, within the limits that the connector declares. No two items share a key.</summary>
public sealed record Batch
{
    /// <summary>What to do with every item.</summary>
    public required Operation Operation { get; init; }

    /// <summary>The audience, for membership operations; else null.</summary>
    public AudienceTarget? Audience { get; init; }

    /// <summary>
    /// With <see cref="Operation.UpsertProfile"/> and <see cref="Operation.AddMember"/>: true when people that the vendor does not know
    /// must not be created. Such an item is <see cref="Outcome.Rejected"/> with the code <see cref="ReasonCode.NotFound"/> where the
    /// vendor tells, and <see cref="Outcome.Delivered"/> where it keeps silent.
    /// </summary>
    public bool UpdateOnly { get; init; }

    /// <summary>The records, 1 or more.</summary>
    public required IReadOnlyList<BatchItem> Items { get; init; }

    /// <summary>Who must not be sent any more, asked before every call that writes; null when that cannot change.</summary>
    public LastLook? LastLook { get; init; }

    /// <summary>Told of every call that the last look let through, when its answer was read; null when nobody waits for that.</summary>
    public CallEnded? CallEnded { get; init; }

    /// <summary>The clearance for one call that writes the given records.</summary>
    public CallClearance ClearanceFor(IEnumerable<long> recordIds) => new(LastLook, CallEnded, [.. recordIds.Distinct()]);
}

/// <summary>One record of a batch. Contains personal data: never log it.</summary>
public sealed record BatchItem
{
    /// <summary>The hub's id of the record; outcomes refer to it. Unique within the batch.</summary>
    public required long RecordId { get; init; }

    /// <summary>
    /// Value of the destination's identity key, as the company spells it.
    /// Unique within the batch, as the vendor compares keys (except for <see cref="Operation.TrackEvent"/>). Two calls of one destination never write one key at a time: the last look sees to it.
    /// </summary>
    public required string Key { get; init; }

    /// <summary>The vendor's own id of the person when the hub has learned it before, else null. May be stale: the vendor may have merged or deleted it.</summary>
    public string? RemoteId { get; init; }

    /// <summary>
    /// Fields to write, without the identity key itself; empty for operations that write none. A field that is not named stays as it is at
    /// the vendor; <see cref="FieldValue.Null"/> clears it.
    /// </summary>
    public IReadOnlyList<Field> Fields { get; init; } = [];

    /// <summary>With <see cref="Operation.SetConsent"/>: what to write; else null.</summary>
    public ConsentChange? Consent { get; init; }

    /// <summary>With <see cref="Operation.TrackEvent"/>: what happened; else null.</summary>
    public Behavior? Event { get; init; }

    /// <summary>With <see cref="Operation.ChangeKey"/>, <see cref="Operation.MergeProfiles"/>, <see cref="Operation.AddAlias"/> and <see cref="Operation.IdentifyProfile"/>: the change; else null.</summary>
    public IdentityChange? Identity { get; init; }
}

/// <summary>An audience as a destination represents it.</summary>
/// <param name="Audience">The hub's key of the audience.</param>
/// <param name="RemoteRef">What <see cref="IConnector.EnsureAudienceAsync"/> returned for it: a list id, an attribute name.</param>
public sealed record AudienceTarget(string Audience, string RemoteRef);

/// <summary>A person's consent as a destination should hold it. What is null or not named stays as it is at the vendor.</summary>
public sealed record ConsentChange
{
    /// <summary>The person's e-mail address, for vendors that keep consent by address; null when there is none. Personal data.</summary>
    public string? Email { get; init; }

    /// <summary>The person's phone number in E.164, for vendors that keep consent by number; null when there is none. Personal data.</summary>
    public string? Phone { get; init; }

    /// <summary>
    /// May the person be sent marketing e-mail at all? False is the vendor's global opt-out; true lifts it, where the vendor allows. Null leaves it.
    /// </summary>
    public bool? MarketingEmail { get; init; }

    /// <summary>True holds marketing back for a while without being the person's own opt-out, where the vendor knows such a state; false ends that; null leaves it.</summary>
    public bool? Suspended { get; init; }

    /// <summary>Consent by topic: subscription groups, subscription types, consent fields.</summary>
    public IReadOnlyList<TopicConsent> Topics { get; init; } = [];

    /// <summary>When the person decided.</summary>
    public required DateTimeOffset DecidedAt { get; init; }

    /// <summary>How it was collected, in a few words for the vendor's audit trail; null when unknown.</summary>
    public string? Source { get; init; }
}

/// <summary>Consent to one topic.</summary>
/// <param name="RemoteRef">The vendor's id of the topic: a subscription group, a subscription type, a boolean field.</param>
/// <param name="Granted">True when granted, false when denied or withdrawn.</param>
/// <param name="Channel">What the topic is about.</param>
public sealed record TopicConsent(string RemoteRef, bool Granted, ConsentChannel Channel = ConsentChannel.Email);

/// <summary>The channel of a topic.</summary>
public enum ConsentChannel
{
    /// <summary>E-mail.</summary>
    Email,

    /// <summary>Text messages.</summary>
    Sms,
}

/// <summary>Something that a person did.</summary>
public sealed record Behavior
{
    /// <summary>The hub's id of the event, the same on every attempt: the key by which a vendor, or a reader of its data, recognises a repeat.</summary>
    public required Guid Id { get; init; }

    /// <summary>The vendor's name or id of the kind of event, as the mapping gives it.</summary>
    public required string Name { get; init; }

    /// <summary>When it happened.</summary>
    public required DateTimeOffset OccurredAt { get; init; }

    /// <summary>Properties under the vendor's names.</summary>
    public IReadOnlyList<Field> Properties { get; init; } = [];

    /// <summary>Set when it is a purchase, for vendors that keep purchases apart.</summary>
    public Purchase? Purchase { get; init; }

    /// <summary>True for an event of the past by which nothing at the vendor shall start: its <see cref="Name"/> is the one for that, and what it bought is told as properties.</summary>
    public bool IsQuiet { get; init; }
}

/// <summary>What was bought.</summary>
/// <param name="ProductId">Id of the product.</param>
/// <param name="Currency">ISO 4217 code, such as <c>EUR</c>.</param>
/// <param name="Price">Price of one piece, in that currency.</param>
/// <param name="Quantity">Pieces, 1 or more.</param>
public sealed record Purchase(string ProductId, string Currency, decimal Price, int Quantity = 1);

/// <summary>A change of identity.</summary>
public sealed record IdentityChange
{
    /// <summary>With <see cref="Operation.ChangeKey"/>: the key to have from now on, in the vendor's normal form.</summary>
    public string? NewKey { get; init; }

    /// <summary>With <see cref="Operation.MergeProfiles"/>: key of the person that ends.</summary>
    public string? OtherKey { get; init; }

    /// <summary>With <see cref="Operation.MergeProfiles"/>: the vendor's id of the person that ends, when known. May be stale.</summary>
    public string? OtherRemoteId { get; init; }

    /// <summary>With <see cref="Operation.AddAlias"/> and <see cref="Operation.IdentifyProfile"/>: the alias.</summary>
    public ProfileAlias? Alias { get; init; }
}

/// <summary>A second name of a person.</summary>
/// <param name="Label">What kind of name, for example <c>device</c>.</param>
/// <param name="Name">The name; unique within its label.</param>
public sealed record ProfileAlias(string Label, string Name);
