using IntegrationHub.Sagas.BackfillRun;
using IntegrationHub.Storage.Runs;

namespace IntegrationHub.Storage.Backfills;

/// <summary>A backfill as people see it.</summary>
/// <param name="Run">Its row.</param>
/// <param name="Counts">Its ledger, counted from rows.</param>
/// <param name="Reasons">Why records were not written, the most frequent first.</param>
public sealed record BackfillView(BackfillRunState Run, LedgerCounts Counts, IReadOnlyList<ReasonCount> Reasons);
