using System.Text.Json.Serialization;

namespace IntegrationHub.Hub.Map;

/// <summary>What goes from where to where, how often, by which way and who answers for it: made from the configuration, as the API and the CLI show it.</summary>
internal sealed record MapJson
{
    /// <summary>Hash of the configuration that it was made from.</summary>
    [JsonPropertyName("configuration")] public required string Configuration { get; init; }

    /// <summary>Who states facts and lists, by name.</summary>
    [JsonPropertyName("sources")] public required IReadOnlyList<MapSourceJson> Sources { get; init; }

    /// <summary>The accounts at vendors, by name.</summary>
    [JsonPropertyName("destinations")] public required IReadOnlyList<MapDestinationJson> Destinations { get; init; }

    /// <summary>What goes to destinations: members of audiences, events, consent.</summary>
    [JsonPropertyName("flows")] public required IReadOnlyList<MapFlowJson> Flows { get; init; }
}
