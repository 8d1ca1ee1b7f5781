using System.Text.Json.Serialization;

namespace IntegrationHub.Hub.Versions;

/// <summary>Body of <c>POST /v1/config/versions/plan</c> and <c>/apply</c>: files, or an earlier version.</summary>
internal sealed record ConfigurationBody
{
    /// <summary>Text of each file by its path below the folder, with <c>/</c>; null for those of <see cref="Version"/>.</summary>
    [JsonPropertyName("files")]
    public Dictionary<string, string>? Files { get; init; }

    /// <summary>The version to go back to; null for <see cref="Files"/>.</summary>
    [JsonPropertyName("version")]
    public long? Version { get; init; }

    /// <summary>To plan: what it does to people is told of a <c>sample</c> (also when null), of all (<c>exact</c>), or not at all (<c>none</c>).</summary>
    [JsonPropertyName("effects")]
    public string? Effects { get; init; }

    /// <summary>To apply: hash of the plan that was looked at.</summary>
    [JsonPropertyName("plan_hash")]
    public string? PlanHash { get; init; }

    /// <summary>To apply: why; stays with the version.</summary>
    [JsonPropertyName("message")]
    public string? Message { get; init; }

    /// <summary>To apply: why, as other commands take it; where <see cref="Message"/> is null.</summary>
    [JsonPropertyName("reason")]
    public string? Reason { get; init; }

    /// <summary>To apply: the commit that the files are of.</summary>
    [JsonPropertyName("git_commit")]
    public string? GitCommit { get; init; }
}
