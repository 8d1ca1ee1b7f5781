using System.Collections.Immutable;
using System.Globalization;

namespace IntegrationHub.Connectors.Sandbox.Braze;

/// <summary>A person at Braze; what most people lack costs nothing. Guarded by the lock of <see cref="BrazePeople"/>.</summary>
internal sealed class BrazePerson(long serial)
{
    public long Serial { get; } = serial;

    public string? ExternalId { get; set; }

    /// <summary>Ids that a rename left behind; they lead here until they are removed.</summary>
    public IReadOnlyList<string> FormerIds { get; set; } = [];

    public IReadOnlyList<BrazeAlias> Aliases { get; set; } = [];

    public string? Email { get; set; }

    public string? Phone { get; set; }

    public byte[] Fields { get; set; } = [];

    public long Updated { get; set; }

    /// <summary>The global state of e-mail, or null for the default.</summary>
    public string? EmailState { get; set; }

    /// <summary>States of subscription groups by id.</summary>
    public ImmutableDictionary<string, string> Groups { get; set; } = ImmutableDictionary<string, string>.Empty;

    /// <summary>What the person did, by kind and name.</summary>
    public ImmutableDictionary<(bool IsPurchase, string Name), BrazeCount> Counts { get; set; } = ImmutableDictionary<(bool IsPurchase, string Name), BrazeCount>.Empty;

    /// <summary>Who has what this person did, once this one ended in a merge.</summary>
    public BrazePerson? FoldedInto { get; set; }

    public string BrazeId => Serial.ToString("x24", CultureInfo.InvariantCulture);
}

/// <summary>A second name; its spelling counts.</summary>
internal readonly record struct BrazeAlias(string Label, string Name);

/// <summary>How often and when; Braze exports no more of an event.</summary>
internal readonly record struct BrazeCount(DateTimeOffset First, DateTimeOffset Last, int Count)
{
    public BrazeCount And(BrazeCount other) => new(First < other.First ? First : other.First, Last > other.Last ? Last : other.Last, Count + other.Count);
}

/// <summary>Whom an object is about: one of them is set; e-mail and phone are not unique.</summary>
internal sealed record BrazeWho
{
    public string? ExternalId { get; init; }

    public BrazeAlias? Alias { get; init; }

    public string? BrazeId { get; init; }

    public string? Email { get; init; }

    public string? Phone { get; init; }

    /// <summary>Which of several comes first, for e-mail and phone outside of tracking.</summary>
    public IReadOnlyList<string> Prioritization { get; init; } = [];
}

/// <summary>An accepted object of <c>/users/track</c> on its way to the person.</summary>
internal sealed record BrazeChange(BrazeWho Who, bool UpdateOnly, FieldChange[] Fields)
{
    public string? EmailState { get; init; }

    public IReadOnlyList<(string Id, string State)> Groups { get; init; } = [];

    public IReadOnlyList<BrazePart> Parts { get; init; } = [];

    public BrazeHappening? Happening { get; init; }
}

/// <summary>An event or a purchase.</summary>
internal sealed record BrazeHappening(bool IsPurchase, string Name, DateTimeOffset At, string? HubId);
