using IntegrationHub.Storage.Canaries;

namespace IntegrationHub.Hub.Canaries;

/// <summary>What a look at a destination says of a trip, and when to look again. Pure.</summary>
internal static class CanaryCourse
{
    /// <summary>The first look, and the shortest time between two.</summary>
    public static readonly TimeSpan Shortest = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan _longest = TimeSpan.FromHours(1);

    /// <summary>The trip after a look. Looks grow apart as it grows old, so that the time until she is shown is known to its half; who is shown early is looked at once more when the time is over.</summary>
    /// <param name="trip">The trip before.</param>
    /// <param name="isAllowed">True when she may be known there.</param>
    /// <param name="findings">What the look found.</param>
    /// <param name="now">When.</param>
    public static CanaryTrip After(CanaryTrip trip, bool isAllowed, IReadOnlyList<CanaryFinding> findings, DateTimeOffset now)
    {
        var isDue = now >= trip.GoalAt;
        var state = findings.Any(finding => finding.IsLeak) ? CanaryState.Leaked
            : findings.Count == 0 && (isAllowed || isDue) ? CanaryState.Fine
            : isDue ? CanaryState.Missing
            : CanaryState.Travelling;
        var pause = now - trip.StatedAt;
        pause = pause < Shortest ? Shortest : pause > _longest ? _longest : pause;
        return trip with
        {
            State = state,
            ShownAt = trip.ShownAt ?? (findings.Count == 0 && isAllowed ? now : null),
            LookedAt = now,
            Looks = trip.Looks + 1,
            Findings = findings,
            NextLookAt = state switch
            {
                CanaryState.Leaked => null,
                CanaryState.Fine => isDue ? null : trip.GoalAt,
                CanaryState.Missing => now + pause,
                _ => now + pause < trip.GoalAt ? now + pause : trip.GoalAt,
            },
        };
    }
}
