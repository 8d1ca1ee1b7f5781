namespace IntegrationHub.Storage.Ledger;

/// <summary>A profile as it stands in the database. Holds personal data.</summary>
/// <param name="PersonId">The profile that it was joined to, or null.</param>
internal sealed record ProfileRow(long ProfileId, string? ExternalId, ProfileContent Content, string ConsentJson, long Version, long? PersonId = null);
