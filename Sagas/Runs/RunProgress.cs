using IntegrationHub.Contracts.Audiences;
using MassTransit;

namespace IntegrationHub.Sagas.Runs;

/// <summary>What the row tells about where a run is: does it move, when is it looked at again, where does it go on.</summary>
internal static class RunProgress
{
    /// <summary>Progress ends a stall. An older sign of life than the one on the row changes no time.</summary>
    public static void Moved(this RunRow run, DateTimeOffset at)
    {
        var utc = at.ToUniversalTime();
        run.LastProgressAt = run.LastProgressAt > utc ? run.LastProgressAt : utc;
        if (run.StalledSince is not null)
        {
            run.EndStall();
        }
    }

    public static void EndStall(this RunRow run) => (run.StalledSince, run.DiagnosisCode, run.DiagnosisDetail, run.WaitingFor) = (null, null, null, null);

    /// <summary>Giving the vendor time is no stall.</summary>
    public static bool StandsStill(this RunRow run, TimeProvider clock, RunOptions patience) => run.ReadBackAt is null && run.IsQuiet(clock, patience);

    public static DateTime NextLook(this RunRow run, TimeProvider clock, RunOptions patience) =>
        ((run.IsQuiet(clock, patience) ? clock.GetUtcNow() : run.LastProgressAt) + patience.ProgressTimeout).UtcDateTime;

    public static bool WillResumeIn(this RunRow run, State state) => run.ResumeState == state.Name;

    /// <summary>The state whose step the run waits for, paused or not.</summary>
    public static string Step(this RunRow run) => run.ResumeState ?? run.CurrentState;

    /// <summary>What a read-back showed.</summary>
    public static void SawAtVendor(this RunRow run, DateTimeOffset at, long expected, long found, long missing)
    {
        run.VerifiedAt = at.ToUniversalTime();
        (run.Expected, run.Found, run.Missing) = (expected, found, missing);
        run.Moved(at);
    }

    /// <summary>A read-back that is asked for from here on is the last.</summary>
    public static DateTimeOffset EndOfPatience(this RunRow run, RunOptions patience) => (run.DeliveredAt ?? run.LastProgressAt) + patience.VerificationPatience;

    /// <summary>1, 2, 4, 8 … seconds after round 1, 2, 3, 4 …, up to the longest delay, but not beyond the end of the patience.</summary>
    public static DateTimeOffset NextReadBack(this RunRow run, int afterRound, TimeProvider clock, RunOptions patience)
    {
        var now = clock.GetUtcNow();
        var delay = TimeSpan.FromSeconds(Math.Min(Math.Pow(2, afterRound - 1), patience.LongestVerificationDelay.TotalSeconds));
        var end = run.EndOfPatience(patience);
        return now + delay > end && end > now ? end : now + delay;
    }

    /// <summary>Asks for what is pending to be settled; said by runs of every kind alike.</summary>
    public static CancelDeliveries SettlePending(this RunRow run) => new() { RunId = run.CorrelationId, Destination = run.Destination };

    private static bool IsQuiet(this RunRow run, TimeProvider clock, RunOptions patience) => clock.GetUtcNow() - run.LastProgressAt >= patience.ProgressTimeout;
}
