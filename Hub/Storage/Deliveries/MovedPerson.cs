namespace IntegrationHub.Storage.Deliveries;

/// <summary>Somebody whose profile is in another version than the claimed one, as it stands now. Holds personal data.</summary>
/// <param name="ConsentJson">The consent; null when the profile is gone.</param>
/// <param name="ExternalId">The company's id, or null.</param>
/// <param name="Email">E-mail as collected, or null.</param>
public sealed record MovedPerson(string? ConsentJson, string? ExternalId, string? Email);
