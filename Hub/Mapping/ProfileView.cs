namespace IntegrationHub.Hub.Mapping;

/// <summary>What the hub knows of a person, as the mapping reads it. Holds personal data.</summary>
/// <param name="ExternalId">The company's id of the person, or null.</param>
/// <param name="Email">E-mail address as collected, or null.</param>
/// <param name="Phone">Phone number as collected, or null.</param>
/// <param name="AttributesJson">Flat JSON object of strings, numbers, booleans and nulls.</param>
internal readonly record struct ProfileView(string? ExternalId, string? Email, string? Phone, string AttributesJson);
