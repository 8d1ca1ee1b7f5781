using System.Text.Json.Serialization;

namespace IntegrationHub.Connectors.HubSpot.Wire;

/// <summary>A definition of a custom event. https://developers.hubspot.com/docs/api-reference/legacy/events/define-events/get-event-definitions</summary>
/// <param name="FullName">The name that events are sent under, such as <c>pe62515_purchase</c>.</param>
/// <param name="Name">The name without what stands before it.</param>
/// <param name="IsArchived">True when it is of the past.</param>
/// <param name="Properties">What an event may tell; null when HubSpot does not say.</param>
internal sealed record EventDefinition(
    [property: JsonPropertyName("fullyQualifiedName")] string? FullName,
    [property: JsonPropertyName("name")] string? Name,
    [property: JsonPropertyName("archived")] bool IsArchived,
    [property: JsonPropertyName("properties")] IReadOnlyList<EventProperty>? Properties);

/// <summary>A property of a custom event.</summary>
internal sealed record EventProperty([property: JsonPropertyName("name")] string? Name, [property: JsonPropertyName("archived")] bool IsArchived);

/// <summary>A page of definitions.</summary>
internal sealed record EventDefinitionPage(
    [property: JsonPropertyName("results")] IReadOnlyList<EventDefinition>? Results,
    [property: JsonPropertyName("paging")] Paging? Paging);
