namespace IntegrationHub.Hub.Configuration;

/// <summary>What <c>consent.yaml</c> says.</summary>
/// <param name="Version">Hash of the file's text: another text is another version.</param>
/// <param name="Purposes">The rules by purpose, in the order of the file.</param>
internal sealed record ConsentRules(string Version, IReadOnlyList<ConsentPurpose> Purposes);
