namespace IntegrationHub.Hub.Configuration;

/// <summary>The rules of one purpose: one for everybody by what is known, or by region.</summary>
/// <param name="Name">The purpose.</param>
/// <param name="Granted">Rule for a person who granted it; null when there is none.</param>
/// <param name="Denied">Rule for a person who denied or withdrew it; null when there is none.</param>
/// <param name="Unknown">Rule for a person of whom nothing is known; null when there is none.</param>
internal sealed record ConsentPurpose(string Name, ConsentRule? Granted, ConsentRule? Denied, ConsentRule? Unknown)
{
    /// <summary>Rules by region, of which the first decides that holds where the person lives; empty where <see cref="Granted"/> and its neighbours hold for everybody.</summary>
    public IReadOnlyList<RegionalRule> Rules { get; init; } = [];

    /// <summary>Channel through which people are addressed for it, or null.</summary>
    public string? Channel { get; init; }
}
