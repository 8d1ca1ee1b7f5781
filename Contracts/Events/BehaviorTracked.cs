using System.Text.Json.Serialization;

namespace IntegrationHub.Contracts.Events;

/// <summary>Stated by a producer when a person did something: viewed a product, opened an app, bought. It is told to every destination that has a route for its name and knows the person.</summary>
/// <remarks>Appended, never merged. May arrive twice or late: a repeat of <see cref="EventId"/> changes nothing, and <see cref="OccurredAt"/> is told to the destinations as the time of the event.</remarks>
public sealed record BehaviorTracked : ICanonicalEvent
{
    /// <summary>Value of <see cref="EventType"/> for this fact.</summary>
    public const string Type = "behavior_tracked";

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
    public required TrackedBehavior Payload { get; init; }
}
