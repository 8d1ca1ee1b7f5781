using System.Text.Json.Serialization;

namespace IntegrationHub.Contracts.Events;

/// <summary>Which profile was merged into the subject.</summary>
public sealed record MergedProfile
{
    /// <summary>Keys of the profile that is gone at the producer; at least one, and not the subject's own. Personal data.</summary>
    [JsonPropertyName("merged")]
    public required Subject Merged { get; init; }
}
