using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Contracts.Backfills;
using IntegrationHub.Sagas.Runs;

namespace IntegrationHub.Sagas.BackfillRun;

/// <summary>What the row tells about where a run is.</summary>
internal static class BackfillRunProgress
{
    /// <summary>Whether the run, paused or not, waits for the answer to this command.</summary>
    public static bool WaitsFor(this BackfillRunState run, string step) => step == run.Step() switch
    {
        RunState.Planning => nameof(PlanBackfill),
        RunState.Delivering => nameof(DeliverBackfill),
        RunState.Verifying => nameof(VerifyBackfill),
        RunState.Canceling => nameof(CancelDeliveries),
        _ => null,
    };

    /// <summary>What the operator reads while the vendor is given time.</summary>
    public static string ExplainCatchingUp(this BackfillRunState run, RunOptions patience) => FormattableString.Invariant(
        $"Vendor catching up: {run.Missing} of {run.Expected} people are not shown as written yet; they are read back again at {run.ReadBackAt:u}, at the latest until {run.EndOfPatience(patience):u}. ") +
        $"To stop waiting: 'backfill cancel {run.CorrelationId}', what was written stays.";

    /// <summary>What the operator reads while the plan waits for a person.</summary>
    public static string ExplainApproval(this BackfillRunState run) => FormattableString.Invariant(
        $"Approval: {run.ToWrite} of {run.Planned} {(run.Kind == BackfillKind.Redeliver ? "events would be told again" : "people would be written")}. Look at 'backfill show {run.CorrelationId}', then 'backfill approve {run.CorrelationId} --plan {run.PlanHash}' or 'backfill cancel {run.CorrelationId}'.");
}
