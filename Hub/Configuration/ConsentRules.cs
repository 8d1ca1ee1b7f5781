namespace IntegrationHub.Hub.Configuration;

/// <summary>What <c>consent.yaml</c> says.</summary>
/// <param name="Version">Hash of the file's text: another text is another version.</param>
/// <param name="Purposes">The rules by purpose, in the order of the file.</param>
internal sealed record ConsentRules(string Version, IReadOnlyList<ConsentPurpose> Purposes)
{
    /// <summary>Whose grants count; null when the file does not say, and then everybody's do but those of destinations.</summary>
    public IReadOnlyList<ConsentSource>? Sources { get; init; }
}
