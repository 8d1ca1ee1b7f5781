namespace IntegrationHub.Hub.Configuration;

/// <summary>What decides for a purpose where a person lives.</summary>
/// <param name="Name">Its name, shown with every decision.</param>
/// <param name="Places">Countries and states that it holds for, as <c>AT</c> and <c>US-CA</c>; null when it holds everywhere.</param>
/// <param name="Granted">True when whoever agreed may be sent.</param>
/// <param name="Denied">True when whoever said no may be sent.</param>
/// <param name="Unknown">True when somebody of whom nothing is known may be sent.</param>
internal sealed record RegionalRule(string Name, IReadOnlyList<string>? Places, bool Granted, bool Denied, bool Unknown)
{
    /// <summary>Name of the region, or null.</summary>
    public string? Region { get; init; }

    /// <summary>Ground that it rests on, for example <c>consent</c>, or null.</summary>
    public string? Basis { get; init; }

    /// <summary>For how long a grant holds; null when it holds until it ends otherwise.</summary>
    public GrantLife? Expires { get; init; }

    /// <summary>True when a grant counts only with evidence.</summary>
    public bool NeedsEvidence { get; init; }
}
