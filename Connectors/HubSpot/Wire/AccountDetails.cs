using System.Text.Json.Serialization;

namespace IntegrationHub.Connectors.HubSpot.Wire;

/// <summary>The account behind a token. https://developers.hubspot.com/docs/api-reference/legacy/account/account-information/guide</summary>
internal sealed record AccountDetails(
    [property: JsonPropertyName("portalId")] long PortalId,
    [property: JsonPropertyName("timeZone")] string? TimeZone);
