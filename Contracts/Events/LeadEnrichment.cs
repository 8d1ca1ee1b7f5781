using System.Text.Json;
using System.Text.Json.Serialization;

namespace IntegrationHub.Contracts.Events;

/// <summary>What somebody else than the person says of a lead.</summary>
public sealed record LeadEnrichment
{
    /// <summary>Id of the lead at the producer; not empty, up to 255 characters.</summary>
    [JsonPropertyName("lead_id")]
    public required string LeadId { get; init; }

    /// <summary>Who says it, for example the name of a data provider; not empty, up to 128 characters.</summary>
    [JsonPropertyName("source")]
    public required string Source { get; init; }

    /// <summary>What was learned: snake_case name to a JSON string, number, boolean or null. Objects and arrays are quarantined. Personal data.</summary>
    [JsonPropertyName("attributes")]
    public required IReadOnlyDictionary<string, JsonElement> Attributes { get; init; }
}
