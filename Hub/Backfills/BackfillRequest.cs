using IntegrationHub.Storage.Backfills;

namespace IntegrationHub.Hub.Backfills;

/// <summary>What a person or program asks for.</summary>
/// <param name="Destinations">Names of the destinations, each once.</param>
/// <param name="Audience">Key of the audience whose members it is about, or null.</param>
/// <param name="People">The company's ids of the people whom it is about, or null; with an audience: of the members among them.</param>
/// <param name="Attributes">Canonical attributes to write; all that the mapping writes when null or empty.</param>
/// <param name="By">Who asks.</param>
internal sealed record BackfillRequest(IReadOnlyList<string> Destinations, string? Audience, IReadOnlyList<string>? People, IReadOnlyList<string>? Attributes, string By)
{
    /// <summary>True when it was asked for several destinations, though it may name one: its runs are joined by an id.</summary>
    public bool IsJoined { get; init; }

    /// <summary>When it may be delivered; null or empty for at any time.</summary>
    public IReadOnlyList<string>? Windows { get; init; }

    /// <summary>People per time that each run may write; null for what the destination's file says.</summary>
    public string? Rate { get; init; }

    /// <summary>Which facts of the log have to be about the people, or null.</summary>
    public FactSelection? Facts { get; init; }

    /// <summary>Profiles of the only person whom it is about, or null.</summary>
    public IReadOnlyList<long>? Profiles { get; init; }

    /// <summary>True when people may be created and vendor automation may start.</summary>
    public bool Loud { get; init; }
}
