using System.Text.Json;
using System.Text.Json.Serialization;
using IntegrationHub.Hub.Approvals;
using IntegrationHub.Hub.Runs;
using IntegrationHub.Storage.Backfills;

namespace IntegrationHub.Hub.Backfills;

/// <summary>A backfill as the API and the CLI show it.</summary>
internal sealed record BackfillJson
{
    /// <summary>The run, as every run is shown.</summary>
    [JsonPropertyName("run")]
    public required RunJson Run { get; init; }

    /// <summary>Who asked for it.</summary>
    [JsonPropertyName("requested_by")]
    public required string RequestedBy { get; init; }

    /// <summary>Who let it pass, or null.</summary>
    [JsonPropertyName("approved_by")]
    public string? ApprovedBy { get; init; }

    /// <summary>With a rollback: the run whose writes are taken back; else null.</summary>
    [JsonPropertyName("rolls_back")]
    public Guid? RollsBack { get; init; }

    /// <summary>The run that takes this one back, or took it back last; else null.</summary>
    [JsonPropertyName("rollback_id")]
    public Guid? RollbackId { get; init; }

    /// <summary>Names the plan: an approval is for this hash. Null before the plan stands.</summary>
    [JsonPropertyName("plan_hash")]
    public string? PlanHash { get; init; }

    /// <summary>What it would do; null before the plan stands, and in lists.</summary>
    [JsonPropertyName("plan")]
    public BackfillPlan? Plan { get; init; }

    /// <summary>In the answer to an approval: how it stands after it; else null.</summary>
    [JsonPropertyName("approval")]
    public ApprovalJson? Approval { get; init; }

    /// <summary>Shows a backfill.</summary>
    public static BackfillJson From(BackfillView view, StoredPlan? plan) => new()
    {
        Run = RunJson.From(view),
        RequestedBy = view.Run.RequestedBy,
        ApprovedBy = view.Run.ApprovedBy,
        RollsBack = view.Run.RollsBack,
        RollbackId = view.Run.RollbackId,
        PlanHash = view.Run.PlanHash,
        Plan = plan?.PlanJson is { } json ? JsonSerializer.Deserialize<BackfillPlan>(json) : null,
    };
}
