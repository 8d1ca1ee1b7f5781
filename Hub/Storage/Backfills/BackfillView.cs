using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Sagas.BackfillRun;
using IntegrationHub.Storage.Runs;

namespace IntegrationHub.Storage.Backfills;

/// <summary>A backfill as people see it.</summary>
/// <param name="Run">Its row.</param>
/// <param name="Counts">Its ledger, counted from rows.</param>
/// <param name="Reasons">Why records were not written, the most frequent first.</param>
public sealed record BackfillView(BackfillRunState Run, LedgerCounts Counts, IReadOnlyList<ReasonCount> Reasons)
{
    /// <summary>On what terms it is delivered.</summary>
    public BackfillTerms Terms { get; init; } = BackfillTerms.None;

    /// <summary>While it is delivered and none of its windows is open: when one opens; else null.</summary>
    public DateTimeOffset? ClosedUntil => Run.CurrentState == RunState.Delivering ? Terms.OpensAt : null;
}
