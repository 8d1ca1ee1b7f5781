using System.Text.Json.Serialization;

namespace IntegrationHub.Contracts.Events;

/// <summary>Stated by whoever scores leads when a lead got another score.</summary>
/// <remarks>Appended, never merged into the profile. May arrive twice or late: a repeat of <see cref="EventId"/> changes nothing.</remarks>
public sealed record LeadScored : ICanonicalEvent
{
    /// <summary>Value of <see cref="EventType"/> for this fact.</summary>
    public const string Type = "lead_scored";

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
    public required LeadScore Payload { get; init; }
}
