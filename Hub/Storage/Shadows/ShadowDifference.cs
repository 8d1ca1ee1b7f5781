namespace IntegrationHub.Storage.Shadows;

/// <summary>What a shadow and what counts say of one thing of one person. Personal data.</summary>
/// <param name="PersonKey">A key of the person; null where there is none.</param>
/// <param name="ProfileId">The hub's number of the person; null for whom it does not know.</param>
/// <param name="Counting">The value that counts, as JSON; null for none.</param>
/// <param name="Shadow">The value that the shadow states, as JSON; null for none.</param>
public sealed record ShadowDifference(string? PersonKey, long? ProfileId, string? Counting, string? Shadow);
