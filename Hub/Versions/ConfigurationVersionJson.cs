using System.Text.Json.Serialization;
using IntegrationHub.Storage.Approvals;
using IntegrationHub.Storage.Configurations;

namespace IntegrationHub.Hub.Versions;

/// <summary>A version of the configuration, as API and CLI show it.</summary>
internal sealed record ConfigurationVersionJson
{
    [JsonPropertyName("version")]
    public required long Version { get; init; }

    /// <summary><c>active</c>, <c>earlier</c>, or what became of the agreement that it needs: <c>waiting</c>, <c>refused</c>, <c>expired</c>, <c>withdrawn</c>.</summary>
    [JsonPropertyName("state")]
    public required string State { get; init; }

    [JsonPropertyName("content_hash")]
    public required string ContentHash { get; init; }

    /// <summary><c>folder</c>, <c>apply</c>, or <c>rollback:VERSION</c>.</summary>
    [JsonPropertyName("source")]
    public required string Source { get; init; }

    [JsonPropertyName("git_commit"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? GitCommit { get; init; }

    [JsonPropertyName("created_by")]
    public required string CreatedBy { get; init; }

    [JsonPropertyName("created_at")]
    public required DateTimeOffset CreatedAt { get; init; }

    [JsonPropertyName("message"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Message { get; init; }

    [JsonPropertyName("plan_hash"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? PlanHash { get; init; }

    [JsonPropertyName("approval_id"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public Guid? ApprovalId { get; init; }

    /// <summary>Text of each file by its path; null in lists.</summary>
    [JsonPropertyName("files"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyDictionary<string, string>? Files { get; init; }

    public static ConfigurationVersionJson Of(ConfigurationEntry entry, long? active, IReadOnlyDictionary<string, string>? files = null) => new()
    {
        Version = entry.Version,
        State = entry.Version == active ? "active" : entry.Approval is null or ApprovalState.Approved ? "earlier" : entry.Approval,
        ContentHash = entry.ContentHash,
        Source = entry.Source,
        GitCommit = entry.GitCommit,
        CreatedBy = entry.CreatedBy,
        CreatedAt = entry.CreatedAt,
        Message = entry.Message,
        PlanHash = entry.PlanHash,
        ApprovalId = entry.ApprovalId,
        Files = files,
    };
}
