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

    /// <summary>Joins it with the runs that were asked for at once, for other destinations; null for a run of its own.</summary>
    [JsonPropertyName("group_id")]
    public Guid? GroupId { get; init; }

    /// <summary>When it may be delivered; empty for at any time.</summary>
    [JsonPropertyName("windows")]
    public IReadOnlyList<string> Windows { get; init; } = [];

    /// <summary>People per time that it may write, as <c>50/s</c>; null when only the destination's quota limits it.</summary>
    [JsonPropertyName("rate")]
    public string? Rate { get; init; }

    /// <summary>True when it creates people and writes as a sync does.</summary>
    [JsonPropertyName("loud")]
    public bool Loud { get; init; }

    /// <summary>How far it is; null before the plan stands, and in lists.</summary>
    [JsonPropertyName("progress")]
    public BackfillProgressJson? Progress { get; init; }

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

    /// <summary>What of it cannot be read, and what to do; null when all can.</summary>
    [JsonPropertyName("unreadable")]
    public string? Unreadable { get; init; }

    /// <summary>Shows a backfill.</summary>
    public static BackfillJson From(BackfillView view, BackfillPlan? plan) => new()
    {
        Run = RunJson.From(view),
        GroupId = view.Terms.GroupId,
        Windows = view.Terms.Windows,
        Rate = view.Terms.Rate,
        Loud = view.Terms.Loud,
        RequestedBy = view.Run.RequestedBy,
        ApprovedBy = view.Run.ApprovedBy,
        RollsBack = view.Run.RollsBack,
        RollbackId = view.Run.RollbackId,
        PlanHash = view.Run.PlanHash,
        Plan = plan,
        Unreadable = view.Terms.IsReadable ? null : UnreadableRow.Say("backfill_plans", view.Run.CorrelationId, "scope"),
    };
}
