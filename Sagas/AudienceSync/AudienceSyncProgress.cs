using IntegrationHub.Contracts.Audiences;
using MassTransit;

namespace IntegrationHub.Sagas.AudienceSync;

/// <summary>What the row tells about where a run is: does it move, what does it wait for, where does it go on.</summary>
internal static class AudienceSyncProgress
{
    /// <summary>Progress ends a stall. An older sign of life than the one on the row changes no time.</summary>
    public static void Moved(this AudienceSyncState run, DateTimeOffset at)
    {
        var utc = at.ToUniversalTime();
        run.LastProgressAt = run.LastProgressAt > utc ? run.LastProgressAt : utc;
        if (run.StalledSince is not null)
        {
            run.EndStall();
        }
    }

    public static void EndStall(this AudienceSyncState run) =>
        (run.StalledSince, run.DiagnosisCode, run.DiagnosisDetail, run.WaitingFor) = (null, null, null, null);

    /// <summary>Giving the vendor time is no stall.</summary>
    public static bool StandsStill(this AudienceSyncState run, TimeProvider clock, AudienceSyncOptions patience) =>
        run.ReadBackAt is null && run.IsQuiet(clock, patience);

    public static DateTime NextLook(this AudienceSyncState run, TimeProvider clock, AudienceSyncOptions patience) =>
        ((run.IsQuiet(clock, patience) ? clock.GetUtcNow() : run.LastProgressAt) + patience.ProgressTimeout).UtcDateTime;

    public static bool WillResumeIn(this AudienceSyncState run, State state) => run.ResumeState == state.Name;

    /// <summary>Whether the run, paused or not, waits for the answer to this command.</summary>
    public static bool WaitsFor(this AudienceSyncState run, string step) => step == (run.ResumeState ?? run.CurrentState) switch
    {
        RunState.Snapshotting => nameof(ApplySnapshot),
        RunState.Planning => nameof(PlanAudienceSync),
        RunState.Delivering => nameof(DeliverAudienceSync),
        RunState.Verifying => nameof(VerifyAudienceSync),
        RunState.Canceling => nameof(CancelDeliveries),
        _ => null,
    };

    public static bool Differs(this AudienceSyncState run) => run.Missing > 0 || run.Unexpected > 0;

    /// <summary>A read-back that is asked for from here on is the last.</summary>
    public static DateTimeOffset EndOfPatience(this AudienceSyncState run, AudienceSyncOptions patience) =>
        (run.DeliveredAt ?? run.LastProgressAt) + patience.VerificationPatience;

    /// <summary>1, 2, 4, 8 … seconds after round 1, 2, 3, 4 …, up to the longest delay, but not beyond the end of the patience.</summary>
    public static DateTimeOffset NextReadBack(this AudienceSyncState run, int afterRound, TimeProvider clock, AudienceSyncOptions patience)
    {
        var now = clock.GetUtcNow();
        var delay = TimeSpan.FromSeconds(Math.Min(Math.Pow(2, afterRound - 1), patience.LongestVerificationDelay.TotalSeconds));
        var end = run.EndOfPatience(patience);
        return now + delay > end && end > now ? end : now + delay;
    }

    /// <summary>What the operator reads while the vendor is given time.</summary>
    public static string ExplainCatchingUp(this AudienceSyncState run, AudienceSyncOptions patience) => FormattableString.Invariant(
        $"Vendor catching up: {run.Missing} of {run.Expected} expected members are not shown yet, {run.Unexpected} are shown that should not be; they are read back again at {run.ReadBackAt:u}, at the latest until {run.EndOfPatience(patience):u}. ") +
        $"'sync findings {run.CorrelationId}' names them; to stop waiting: 'sync cancel {run.CorrelationId}', what was delivered stays.";

    private static bool IsQuiet(this AudienceSyncState run, TimeProvider clock, AudienceSyncOptions patience) =>
        clock.GetUtcNow() - run.LastProgressAt >= patience.ProgressTimeout;
}
