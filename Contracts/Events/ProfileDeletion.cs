using System.Text.Json.Serialization;

namespace IntegrationHub.Contracts.Events;

/// <summary>Why a person was deleted.</summary>
public sealed record ProfileDeletion
{
    /// <summary><c>erasure_request</c> when the person asked for it, <c>deleted</c> when the producer no longer keeps the person; up to 64 characters. A reader that meets another value, or null, treats it as <c>deleted</c>.</summary>
    [JsonPropertyName("reason")]
    public string? Reason { get; init; }
}
