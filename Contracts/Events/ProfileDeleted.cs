using System.Text.Json.Serialization;

namespace IntegrationHub.Contracts.Events;

/// <summary>Stated by a producer when it deleted a person, or when a person asked to be erased. The subject names whom.</summary>
/// <remarks>May arrive twice or late: a repeat of <see cref="EventId"/> changes nothing, and facts from before it do not bring the person back. The hub sends
/// the person nothing from then on, takes them out of audiences, and has them deleted where a destination's file says <c>on_delete: delete</c>. It is no erasure, whatever the
/// reason says: the hub keeps the person's keys, attributes and facts, writes no tombstone and no certificate. That is asked for at <c>POST /v1/erasures</c>.</remarks>
public sealed record ProfileDeleted : ICanonicalEvent
{
    /// <summary>Value of <see cref="EventType"/> for this fact.</summary>
    public const string Type = "profile_deleted";

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
    public required ProfileDeletion Payload { get; init; }
}
