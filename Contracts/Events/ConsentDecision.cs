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
}
