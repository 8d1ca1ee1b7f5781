using IntegrationHub.Sagas.Runs;

namespace IntegrationHub.Sagas.BackfillRun;

/// <summary>One run that writes history to one destination, or takes back what such a run wrote.</summary>
public sealed class BackfillRunState : RunRow
{
    /// <summary>One of <see cref="Contracts.Backfills.BackfillKind"/>.</summary>
    public string Kind { get; set; } = "";

    /// <summary>Key of the audience, or empty when the run is about a list of people.</summary>
    public string Audience { get; set; } = "";

    /// <summary>Lane of the run's deliveries; always <c>backfill</c>.</summary>
    public string Lane { get; set; } = "backfill";

    /// <summary>With a rollback: the run whose writes are taken back.</summary>
    public Guid? RollsBack { get; set; }

    /// <summary>Records that the plan would write; set with <see cref="RunRow.PlannedAt"/>.</summary>
    public long? ToWrite { get; set; }

    /// <summary>Names the plan; an approval is for this hash. Set with <see cref="RunRow.PlannedAt"/>.</summary>
    public string? PlanHash { get; set; }

    /// <summary>The run that takes this one back, or took it back last.</summary>
    public Guid? RollbackId { get; set; }
}
