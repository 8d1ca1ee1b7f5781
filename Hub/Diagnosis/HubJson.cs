using System.Text.Json.Serialization;
using IntegrationHub.Storage.Watch;

namespace IntegrationHub.Hub.Diagnosis;

/// <summary>A hub as the API and the CLI show it.</summary>
internal sealed record HubJson(
    [property: JsonPropertyName("name")] string Name,
    [property: JsonPropertyName("is_alive")] bool IsAlive,
    [property: JsonPropertyName("started_at")] DateTimeOffset StartedAt,
    [property: JsonPropertyName("seen_at")] DateTimeOffset SeenAt,
    [property: JsonPropertyName("version")] string Version,
    [property: JsonPropertyName("configuration")] string Configuration,
    [property: JsonPropertyName("roles")] IReadOnlyList<string> Roles,
    [property: JsonPropertyName("trouble")] string? Trouble)
{
    public static HubJson From(HubSighting hub) => new(hub.Name, hub.IsAlive, hub.StartedAt, hub.SeenAt, hub.Version, hub.Configuration, hub.Roles, hub.Trouble);
}
