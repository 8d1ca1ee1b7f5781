using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Contracts.Backfills;
using MassTransit;

namespace IntegrationHub.Sagas.BackfillRun;

/// <summary>What the row tells about where a run is: does it move, what does it wait for, where does it go on.</summary>
internal static class BackfillRunProgress
{
    /// <summary>Progress ends a stall. An older sign of life than the one on the row changes no time.</summary>
    public static void Moved(this BackfillRunState run, DateTimeOffset at)
    {
        var utc = at.ToUniversalTime();
        run.LastProgressAt = run.LastProgressAt > utc ? run.LastProgressAt : utc;
        if (run.StalledSince is not null)
        {
            run.EndStall();
        }
    }

    public static void EndStall(this BackfillRunState run) =>
        (run.StalledSince, run.DiagnosisCode, run.DiagnosisDetail, run.WaitingFor) = (null, null, null, null);

    /// <summary>Giving the vendor time is no stall.</summary>
    public static bool StandsStill(this BackfillRunState run, TimeProvider clock, BackfillRunOptions patience) =>
        run.ReadBackAt is null && run.IsQuiet(clock, patience);

    public static DateTime NextLook(this BackfillRunState run, TimeProvider clock, BackfillRunOptions patience) =>
        ((run.IsQuiet(clock, patience) ? clock.GetUtcNow() : run.LastProgressAt) + patience.ProgressTimeout).UtcDateTime;

    public static bool WillResumeIn(this BackfillRunState run, State state) => run.ResumeState == state.Name;

    /// <summary>Whether the run, paused or not, waits for the answer to this command.</summary>
    public static bool WaitsFor(this BackfillRunState run, string step) => step == (run.ResumeState ?? run.CurrentState) switch
    {
        RunState.Planning => nameof(PlanBackfill),
        RunState.Delivering => nameof(DeliverBackfill),
        RunState.Verifying => nameof(VerifyBackfill),
        RunState.Canceling => nameof(CancelDeliveries),
        _ => null,
    };

    /// <summary>A read-back that is asked for from here on is the last.</summary>
    public static DateTimeOffset EndOfPatience(this BackfillRunState run, BackfillRunOptions patience) =>
        (run.DeliveredAt ?? run.LastProgressAt) + patience.VerificationPatience;

    /// <summary>1, 2, 4, 8 … seconds after round 1, 2, 3, 4 …, up to the longest delay, but not beyond the end of the patience.</summary>
    public static DateTimeOffset NextReadBack(this BackfillRunState run, int afterRound, TimeProvider clock, BackfillRunOptions patience)
    {
        var now = clock.GetUtcNow();
        var delay = TimeSpan.FromSeconds(Math.Min(Math.Pow(2, afterRound - 1), patience.LongestVerificationDelay.TotalSeconds));
        var end = run.EndOfPatience(patience);
        return now + delay > end && end > now ? end : now + delay;
    }

    /// <summary>What the operator reads while the vendor is given time.</summary>
    public static string ExplainCatchingUp(this BackfillRunState run, BackfillRunOptions patience) => FormattableString.Invariant(
        $"Vendor catching up: {run.Missing} of {run.Expected} people are not shown as written yet; they are read back again at {run.ReadBackAt:u}, at the latest until {run.EndOfPatience(patience):u}. ") +
        $"To stop waiting: 'backfill cancel {run.CorrelationId}', what was written stays.";

    /// <summary>What the operator reads while the plan waits for a person.</summary>
    public static string ExplainApproval(this BackfillRunState run) => FormattableString.Invariant(
        $"Approval: {run.ToWrite} of {run.Planned} people would be written. Look at 'backfill show {run.CorrelationId}', then 'backfill approve {run.CorrelationId} --plan {run.PlanHash}' or 'backfill cancel {run.CorrelationId}'.");

    private static bool IsQuiet(this BackfillRunState run, TimeProvider clock, BackfillRunOptions patience) =>
        clock.GetUtcNow() - run.LastProgressAt >= patience.ProgressTimeout;
}
