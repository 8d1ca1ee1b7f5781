using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Sagas.Runs;

namespace IntegrationHub.Sagas.AudienceSync;

/// <summary>What the row tells about where a run is.</summary>
internal static class AudienceSyncProgress
{
    /// <summary>Whether the run, paused or not, waits for the answer to this command.</summary>
    public static bool WaitsFor(this AudienceSyncState run, string step) => step == run.Step() switch
    {
        RunState.Snapshotting => nameof(ApplySnapshot),
        RunState.Planning => nameof(PlanAudienceSync),
        RunState.Delivering => nameof(DeliverAudienceSync),
        RunState.Verifying => nameof(VerifyAudienceSync),
        RunState.Canceling => nameof(CancelDeliveries),
        _ => null,
    };

    public static bool Differs(this AudienceSyncState run) => run.MembersDiffer() || run.Differing > 0;

    /// <summary>Whether reading back again may show something else: for members until the round that is asked for as the last, for fields while the vendor may still apply them.</summary>
    public static bool MayCatchUp(this AudienceSyncState run, TimeProvider clock, RunOptions patience) =>
        run.MembersDiffer() || (run.Differing > 0 && clock.GetUtcNow() < run.EndOfFieldPatience(patience));

    /// <summary>What the operator reads while the vendor is given time.</summary>
    public static string ExplainCatchingUp(this AudienceSyncState run, RunOptions patience) => FormattableString.Invariant(
        $"Vendor catching up: {run.Missing} of {run.Expected} expected members are not shown yet, {run.Unexpected} are shown that should not be, and in {run.Differing ?? 0} of {run.FieldsRead ?? 0} people whose fields were read something is not as it was written; they are read back again at {run.ReadBackAt:u}, at the latest until {run.EndOfWaiting(patience):u}. ") +
        $"'sync findings {run.CorrelationId}' names them; to stop waiting: 'sync cancel {run.CorrelationId}', what was delivered stays.";

    /// <summary>Where fields alone differ, the round that is asked for is the last that may be owed beyond their patience.</summary>
    private static DateTimeOffset EndOfWaiting(this AudienceSyncState run, RunOptions patience) =>
        run.MembersDiffer() ? run.EndOfPatience(patience) : run.ReadBackAt > run.EndOfFieldPatience(patience) ? run.ReadBackAt.Value : run.EndOfFieldPatience(patience);

    private static DateTimeOffset EndOfFieldPatience(this AudienceSyncState run, RunOptions patience) => (run.DeliveredAt ?? run.LastProgressAt) + patience.FieldPatience;

    private static bool MembersDiffer(this AudienceSyncState run) => run.Missing > 0 || run.Unexpected > 0;
}
