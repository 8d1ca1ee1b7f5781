using System.Text.Json.Serialization;

namespace IntegrationHub.Contracts.Events;

/// <summary>A person's change of membership in one audience.</summary>
public sealed record MembershipChange
{
    /// <summary>Key of the audience, as in its configuration file; up to 64 characters.</summary>
    [JsonPropertyName("audience")]
    public required string Audience { get; init; }

    /// <summary>True when the person joined, false when the person left.</summary>
    [JsonPropertyName("is_member")]
    public required bool IsMember { get; init; }
}
