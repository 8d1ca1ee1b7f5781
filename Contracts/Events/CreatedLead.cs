using System.Text.Json;
using System.Text.Json.Serialization;

namespace IntegrationHub.Contracts.Events;

/// <summary>A person as a lead.</summary>
public sealed record CreatedLead
{
    /// <summary>Id of the lead at the producer; not empty, up to 255 characters.</summary>
    [JsonPropertyName("lead_id")]
    public required string LeadId { get; init; }

    /// <summary>State of the lead in the producer's own words, or null; up to 128 characters.</summary>
    [JsonPropertyName("status")]
    public string? Status { get; init; }

    /// <summary>Where the lead came from, for example <c>trade-fair</c>, or null; up to 128 characters.</summary>
    [JsonPropertyName("source")]
    public string? Source { get; init; }

    /// <summary>Id of the campaign that brought the lead, or null; up to 255 characters.</summary>
    [JsonPropertyName("campaign_id")]
    public string? CampaignId { get; init; }

    /// <summary>More about the lead: snake_case name to a JSON string, number, boolean or null. Objects and arrays are quarantined. Personal data.</summary>
    [JsonPropertyName("attributes")]
    public IReadOnlyDictionary<string, JsonElement> Attributes { get; init; } = new Dictionary<string, JsonElement>();
}
