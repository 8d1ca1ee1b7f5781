using System.Text.Json.Serialization;
using IntegrationHub.Hub.Security;

namespace IntegrationHub.Hub.Approvals;

/// <summary>Body of <c>POST /v1/approvals/{id}/approve</c> and <c>/refuse</c>.</summary>
internal sealed record VerdictJson : IReasoned
{
    /// <summary>Why.</summary>
    [JsonPropertyName("reason")]
    public string? Reason { get; init; }

    /// <summary>Hash of what was looked at; when it is not the one that waits, nothing is decided. Needed to approve.</summary>
    [JsonPropertyName("plan_hash")]
    public string? PlanHash { get; init; }
}
