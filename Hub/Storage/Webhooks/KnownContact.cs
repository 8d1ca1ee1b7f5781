namespace IntegrationHub.Storage.Webhooks;

/// <summary>A person whom a destination knows under an id of its own. Holds personal data.</summary>
/// <param name="ExternalId">The company's id, or null.</param>
/// <param name="Email">The e-mail address as collected, or null.</param>
public sealed record KnownContact(string? ExternalId, string? Email);
