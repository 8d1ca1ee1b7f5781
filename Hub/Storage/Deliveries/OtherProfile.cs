namespace IntegrationHub.Storage.Deliveries;

/// <summary>With a delivery that joins two people at a destination: the profile that ends, as it stands at the claim. Holds personal data.</summary>
/// <param name="ProfileId">The profile.</param>
/// <param name="ExternalId">The company's id, or null.</param>
/// <param name="Email">E-mail as collected, or null.</param>
/// <param name="ConsentJson">Consent states as kept with the profile.</param>
/// <param name="Version">Version of the profile.</param>
/// <param name="PersonId">The profile that shows it; null when it shows its own person again.</param>
/// <param name="RemoteId">The vendor's id, or null.</param>
/// <param name="IsKnown">True when the destination has it.</param>
public sealed record OtherProfile(long ProfileId, string? ExternalId, string? Email, string ConsentJson, long Version, long? PersonId, string? RemoteId, bool IsKnown);
