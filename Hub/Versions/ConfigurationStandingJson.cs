using System.Text.Json.Serialization;

namespace IntegrationHub.Hub.Versions;

/// <summary>Which configuration is in force, and how the answering hub stands to it.</summary>
internal sealed record ConfigurationStandingJson
{
    /// <summary>The version in force, with its files.</summary>
    [JsonPropertyName("active")]
    public required ConfigurationVersionJson Active { get; init; }

    [JsonPropertyName("activated_at")]
    public required DateTimeOffset ActivatedAt { get; init; }

    [JsonPropertyName("activated_by")]
    public required string ActivatedBy { get; init; }

    /// <summary>The version that the answering hub runs; 0 when it runs none and waits for its change-over.</summary>
    [JsonPropertyName("running")]
    public required long Running { get; init; }

    /// <summary><c>auto</c> or <c>manual</c>.</summary>
    [JsonPropertyName("apply")]
    public required string Apply { get; init; }

    /// <summary>True when the folder of the answering hub differs from what it runs, and nobody applied it.</summary>
    [JsonPropertyName("config_pending")]
    public required bool IsPending { get; init; }

    /// <summary>What keeps the answering hub from running the version in force; empty when nothing does.</summary>
    [JsonPropertyName("obstacles")]
    public required IReadOnlyList<string> Obstacles { get; init; }
}
