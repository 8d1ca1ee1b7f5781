using System.Text.Json.Serialization;

namespace IntegrationHub.Connectors.HubSpot.Wire;

/// <summary>The account behind a token. https://developers.hubspot.com/docs/api-reference/legacy/account/account-information/guide</summary>
internal sealed record AccountDetails(
    [property: JsonPropertyName("portalId")] long PortalId,
    [property: JsonPropertyName("timeZone")] string? TimeZone);

/// <summary>A contact property. https://developers.hubspot.com/docs/api-reference/crm-properties-v3/guide</summary>
internal sealed record PropertyDefinition(
    [property: JsonPropertyName("name")] string? Name,
    [property: JsonPropertyName("hasUniqueValue")] bool HasUniqueValue);
