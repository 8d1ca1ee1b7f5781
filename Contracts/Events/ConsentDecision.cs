using System.Text.Json.Serialization;

namespace IntegrationHub.Contracts.Events;

/// <summary>A person's decision for one purpose.</summary>
public sealed record ConsentDecision
{
    /// <summary>What the consent is for, for example <c>email_marketing</c>; up to 64 characters.</summary>
    [JsonPropertyName("purpose")]
    public required string Purpose { get; init; }

    /// <summary><c>granted</c> or <c>denied</c>. A reader that meets another value treats it as <c>denied</c>.</summary>
    [JsonPropertyName("status")]
    public required string Status { get; init; }

    /// <summary>Where the decision was taken, for example <c>preference-center</c>; up to 128 characters.</summary>
    [JsonPropertyName("source")]
    public required string Source { get; init; }

    /// <summary>Through which channel the person may be addressed, for example <c>email</c>; up to 64 characters, or null when the purpose says it.</summary>
    [JsonPropertyName("channel")]
    public string? Channel { get; init; }

    /// <summary>On which ground, for example <c>consent</c> or <c>legitimate_interest</c>; up to 64 characters, or null.</summary>
    [JsonPropertyName("legal_basis")]
    public string? LegalBasis { get; init; }

    /// <summary>When a grant ends by itself, UTC; null for a grant without an end. From then on it counts as if nothing were known. A denial has no end.</summary>
    [JsonPropertyName("expires_at")]
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>What shows that the person decided, or null.</summary>
    [JsonPropertyName("evidence")]
    public ConsentEvidence? Evidence { get; init; }
}
