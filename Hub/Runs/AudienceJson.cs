using System.Text.Json.Serialization;

namespace IntegrationHub.Hub.Runs;

/// <summary>An audience as the configuration has it.</summary>
/// <param name="Audience">Its key.</param>
/// <param name="Destinations">Where it goes.</param>
/// <param name="MaxRemovalShare">Share of the members that a run may remove without asking, from 0 to 1.</param>
internal sealed record AudienceJson(
    [property: JsonPropertyName("audience")] string Audience,
    [property: JsonPropertyName("destinations")] IReadOnlyList<string> Destinations,
    [property: JsonPropertyName("max_removal_share")] double MaxRemovalShare);
