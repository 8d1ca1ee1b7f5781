namespace IntegrationHub.Hub.Configuration;

/// <summary>How a destination is told of events of one name.</summary>
/// <param name="Name">The vendor's name or id of the kind of event.</param>
/// <param name="NameProperty">The vendor's property that holds the canonical name, or null for none.</param>
/// <param name="Properties">The vendor's property by the canonical one; no other property leaves the hub.</param>
internal sealed record EventSection(string Name, string? NameProperty, IReadOnlyDictionary<string, string> Properties);
