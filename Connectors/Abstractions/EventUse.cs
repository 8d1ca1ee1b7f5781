namespace IntegrationHub.Connectors.Abstractions;

/// <summary>A kind of event as a destination's file tells it.</summary>
/// <param name="Name">The vendor's name or id of it.</param>
/// <param name="Properties">The vendor's properties that may be told with it, each once.</param>
public sealed record EventUse(string Name, IReadOnlyList<string> Properties);
