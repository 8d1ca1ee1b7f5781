namespace IntegrationHub.Hub.Backfills;

/// <summary>What a person or program asks for.</summary>
/// <param name="Destination">Name of the destination.</param>
/// <param name="Audience">Key of the audience whose members it is about, or null.</param>
/// <param name="People">The company's ids of the people whom it is about, or null; with an audience: of the members among them.</param>
/// <param name="Attributes">Canonical attributes to write; all that the mapping writes when null or empty.</param>
/// <param name="By">Who asks.</param>
internal sealed record BackfillRequest(string? Destination, string? Audience, IReadOnlyList<string>? People, IReadOnlyList<string>? Attributes, string By);
