namespace IntegrationHub.Storage.Ledger;

/// <summary>Somebody whom the ledger knows, and what counts of their consent now. Holds personal data.</summary>
/// <param name="ProfileId">The profile.</param>
/// <param name="ExternalId">The company's id in its normal form, or null.</param>
/// <param name="EmailKey">The address in its normal form, or null.</param>
/// <param name="ConsentJson">What counts, as it is kept with the profile (<see cref="Identity.StoredConsent"/>).</param>
public sealed record ConsentHolder(long ProfileId, string? ExternalId, string? EmailKey, string ConsentJson);
