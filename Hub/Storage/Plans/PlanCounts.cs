using IntegrationHub.Contracts.Audiences;

namespace IntegrationHub.Storage.Plans;

/// <summary>Records of a chunk with one outcome and code; <c>planned</c> counts them all.</summary>
internal readonly record struct PlanTally(string Outcome, string Code, long Count);

/// <summary>What a chunk adds to a run's ledger. Pure.</summary>
internal static class PlanCounts
{
    public const string Planned = "planned";

    /// <summary>In SQL, on both dialects: whether a person is of a sample. Steps of the golden section spread whoever are numbered in a row evenly.</summary>
    /// <param name="share">The parameter with the share, in millionths.</param>
    public static string IsOfSample(string share) => $"profile_id % 1000003 * 618034 % 1000003 < {share}";

    /// <summary>True when the people whom the plan is about stand in the run's scope, and need not be found by their audience.</summary>
    public static bool HasScope(PlanRequest request) => request.Mode is SyncMode.Delta or SyncMode.Reconcile or PlanRequest.Backfill;

    /// <summary>True when its scope is made of the marks of changes; a reconciliation and a backfill bring their own and leave the marks to the next run.</summary>
    public static bool TakesMarks(PlanRequest request) => request.Mode is not (SyncMode.Reconcile or PlanRequest.Backfill);

    /// <summary>Records that will not arrive although nobody sent them; each is listed for people.</summary>
    public static List<PlannedOutcome> Rejected(PlanChunk chunk) => [.. chunk.Outcomes.Where(outcome => outcome.Outcome == Deliveries.LedgerOutcome.Rejected)];

    public static List<PlanTally> Tally(PlanChunk chunk) =>
    [
        new PlanTally(Planned, "", chunk.Deliveries.Count + chunk.Outcomes.Count),
        .. chunk.Outcomes
            .GroupBy(outcome => (outcome.Outcome, Code: outcome.Code ?? ""))
            .Select(group => new PlanTally(group.Key.Outcome, group.Key.Code, group.Count())),
    ];
}
