using System.Text.Json.Serialization;

namespace IntegrationHub.Hub.Map;

/// <summary>An account at a vendor.</summary>
internal sealed record MapDestinationJson
{
    [JsonPropertyName("name")] public required string Name { get; init; }

    /// <summary>The vendor's name for people.</summary>
    [JsonPropertyName("vendor")] public required string Vendor { get; init; }

    /// <summary>The vendor's field that tells people.</summary>
    [JsonPropertyName("identity_key")] public required string IdentityKey { get; init; }

    /// <summary>Purposes that a person must allow before anything is sent.</summary>
    [JsonPropertyName("purposes")] public required IReadOnlyList<string> Purposes { get; init; }

    /// <summary>The team that answers for it, or null when the configuration names nobody.</summary>
    [JsonPropertyName("owner")] public required string? Owner { get; init; }

    /// <summary>Its fields in the order of the mapping.</summary>
    [JsonPropertyName("fields")] public required IReadOnlyList<MapFieldJson> Fields { get; init; }

    /// <summary>Routes that are told of its alerts, by severity; nobody is told of a severity without any.</summary>
    [JsonPropertyName("alerts")] public required IReadOnlyDictionary<string, IReadOnlyList<string>> Alerts { get; init; }
}
