using System.Text.Json.Serialization;

namespace IntegrationHub.Contracts.Events;

/// <summary>How far a lead is qualified.</summary>
public sealed record LeadQualification
{
    /// <summary>Id of the lead at the producer; not empty, up to 255 characters.</summary>
    [JsonPropertyName("lead_id")]
    public required string LeadId { get; init; }

    /// <summary>The stage that was reached, for example <c>marketing_qualified</c>, <c>sales_qualified</c> or <c>disqualified</c>; not empty, up to 64 characters.</summary>
    [JsonPropertyName("stage")]
    public required string Stage { get; init; }

    /// <summary>The stage before, or null; up to 64 characters.</summary>
    [JsonPropertyName("previous_stage")]
    public string? PreviousStage { get; init; }

    /// <summary>Why, in the producer's words, or null; up to 255 characters.</summary>
    [JsonPropertyName("reason")]
    public string? Reason { get; init; }
}
