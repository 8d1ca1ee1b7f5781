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

    public static bool StandsStill(this AudienceSyncState run, TimeProvider clock, AudienceSyncOptions patience) =>
        clock.GetUtcNow() - run.LastProgressAt >= patience.ProgressTimeout;

    public static DateTime NextLook(this AudienceSyncState run, TimeProvider clock, AudienceSyncOptions patience) =>
        ((run.StandsStill(clock, patience) ? clock.GetUtcNow() : run.LastProgressAt) + patience.ProgressTimeout).UtcDateTime;

    public static bool WillResumeIn(this AudienceSyncState run, State state) => run.ResumeState == state.Name;

    /// <summary>Whether the run, paused or not, waits for the answer to this command.</summary>
    public static bool WaitsFor(this AudienceSyncState run, string step) => step == (run.ResumeState ?? run.CurrentState) switch
    {
        nameof(AudienceSyncStateMachine.Snapshotting) => nameof(ApplySnapshot),
        nameof(AudienceSyncStateMachine.Planning) => nameof(PlanAudienceSync),
        nameof(AudienceSyncStateMachine.Delivering) => nameof(DeliverAudienceSync),
        nameof(AudienceSyncStateMachine.Verifying) => nameof(VerifyAudienceSync),
        nameof(AudienceSyncStateMachine.Canceling) => nameof(CancelDeliveries),
        _ => null,
    };

    public static bool Differs(this AudienceSyncState run) => run.Missing > 0 || run.Unexpected > 0;

    public static bool VendorMayCatchUp(this AudienceSyncState run, AudienceSyncOptions patience) =>
        run.Differs() && run.VerificationRound < patience.VerificationRounds;

    /// <summary>1, 2, 4, 8 … seconds after round 1, 2, 3, 4 …, up to the longest delay.</summary>
    public static TimeSpan DelayAfter(this AudienceSyncOptions patience, int round) =>
        TimeSpan.FromSeconds(Math.Min(Math.Pow(2, round - 1), patience.LongestVerificationDelay.TotalSeconds));
}
