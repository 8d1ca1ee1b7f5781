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

    /// <summary>The channel that it is for, for example <c>email</c> or <c>sms</c>, null for the purpose's own; up to 64 characters.</summary>
    [JsonPropertyName("channel")]
    public string? Channel { get; init; }

    /// <summary>The legal basis, for example <c>consent</c> or <c>legitimate_interest</c>, or null when the producer does not say; up to 64 characters.</summary>
    [JsonPropertyName("legal_basis")]
    public string? LegalBasis { get; init; }

    /// <summary>When it ends by itself, UTC; null when it does not.</summary>
    [JsonPropertyName("expires_at")]
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>What proves it, or null.</summary>
    [JsonPropertyName("evidence")]
    public ConsentEvidence? Evidence { get; init; }
}
