namespace IntegrationHub.Hub.Configuration;

/// <summary>What is promised of a lane of a destination; whoever misses it is told of.</summary>
/// <param name="Freshness">How long the oldest that waits may wait.</param>
/// <param name="LagP95">Within what time 95 of 100 are done, from owed to done.</param>
/// <param name="ErrorShare">Which share of what is tried may fail, from 0 to 1.</param>
/// <param name="Backlog">How many may wait; null for any number.</param>
internal sealed record SloGoal(TimeSpan Freshness, TimeSpan LagP95, double ErrorShare, long? Backlog)
{
    /// <summary>Within what time half are done; null for any time.</summary>
    public TimeSpan? LagP50 { get; init; }

    /// <summary>Within what time 99 of 100 are done; null for any time.</summary>
    public TimeSpan? LagP99 { get; init; }

    /// <summary>What is promised of delays: of how many in a hundred, within what time.</summary>
    public IEnumerable<(int Share, TimeSpan Within)> Lags
    {
        get
        {
            if (LagP50 is { } half)
            {
                yield return (50, half);
            }

            yield return (95, LagP95);
            if (LagP99 is { } nearlyAll)
            {
                yield return (99, nearlyAll);
            }
        }
    }
}
