using System.Text.Json.Serialization;

namespace IntegrationHub.Contracts.Events;

/// <summary>Stated by the CRM when an opportunity reached another stage, or was won or lost.</summary>
/// <remarks>Appended, never merged into the profile. May arrive twice or late: a repeat of <see cref="EventId"/> changes nothing.</remarks>
public sealed record OpportunityStageChanged : ICanonicalEvent
{
    /// <summary>Value of <see cref="EventType"/> for this fact.</summary>
    public const string Type = "opportunity_stage_changed";

    /// <inheritdoc />
    [JsonPropertyName("event_id")]
    public required Guid EventId { get; init; }

    /// <inheritdoc />
    [JsonPropertyName("event_type")]
    public string EventType { get; init; } = Type;

    /// <inheritdoc />
    [JsonPropertyName("schema_version")]
    public int SchemaVersion { get; init; } = 1;

    /// <inheritdoc />
    [JsonPropertyName("occurred_at")]
    public required DateTimeOffset OccurredAt { get; init; }

    /// <inheritdoc />
    [JsonPropertyName("producer")]
    public required string Producer { get; init; }

    /// <inheritdoc />
    [JsonPropertyName("tenant_id")]
    public string TenantId { get; init; } = "default";

    /// <inheritdoc />
    [JsonPropertyName("correlation_id")]
    public string? CorrelationId { get; init; }

    /// <inheritdoc />
    [JsonPropertyName("subject")]
    public required Subject Subject { get; init; }

    /// <inheritdoc />
    [JsonPropertyName("consent")]
    public CollectedConsent? Consent { get; init; }

    /// <summary>What happened.</summary>
    [JsonPropertyName("payload")]
    public required OpportunityStage Payload { get; init; }
}
