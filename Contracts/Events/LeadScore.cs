using System.Text.Json.Serialization;

namespace IntegrationHub.Contracts.Events;

/// <summary>A lead's score.</summary>
public sealed record LeadScore
{
    /// <summary>Id of the lead at the producer; not empty, up to 255 characters.</summary>
    [JsonPropertyName("lead_id")]
    public required string LeadId { get; init; }

    /// <summary>The score on the scale of its model; higher is better.</summary>
    [JsonPropertyName("score")]
    public required double Score { get; init; }

    /// <summary>The score before, or null when there was none or it is not known.</summary>
    [JsonPropertyName("previous_score")]
    public double? PreviousScore { get; init; }

    /// <summary>Name of the model or rule that scores, or null; up to 128 characters. Scores of two models are not comparable.</summary>
    [JsonPropertyName("model")]
    public string? Model { get; init; }
}
