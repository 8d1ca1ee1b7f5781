using System.Text.Json.Serialization;

namespace IntegrationHub.Contracts.Events;

/// <summary>Stated by a producer when it learned or changed attributes of an account, that is a company or household that people belong to. The subject's <c>account_id</c> names it; a person beside it is one who belongs to it.</summary>
/// <remarks>May arrive twice or late: a repeat of <see cref="EventId"/> changes nothing and an earlier <see cref="OccurredAt"/> never wins over a later one. No person's profile takes it over.</remarks>
public sealed record AccountUpdated : ICanonicalEvent
{
    /// <summary>Value of <see cref="EventType"/> for this fact.</summary>
    public const string Type = "account_updated";

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
    public required AccountAttributes Payload { get; init; }
}
