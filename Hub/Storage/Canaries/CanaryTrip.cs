namespace IntegrationHub.Storage.Canaries;

/// <summary>One trip of a canary to one destination.</summary>
/// <param name="Canary">Name of the canary.</param>
/// <param name="Destination">Where to.</param>
/// <param name="StatedAt">When what she is was stated.</param>
/// <param name="Stamp">What tells the trip from all others.</param>
/// <param name="GoalAt">By then it has to be shown.</param>
public sealed record CanaryTrip(string Canary, string Destination, DateTimeOffset StatedAt, string Stamp, DateTimeOffset GoalAt)
{
    /// <summary>One of <see cref="CanaryState"/>.</summary>
    public string State { get; init; } = CanaryState.Travelling;

    /// <summary>When all of it was first seen there; null before, and of one who must not be there.</summary>
    public DateTimeOffset? ShownAt { get; init; }

    /// <summary>When the destination was last looked at; null before the first look.</summary>
    public DateTimeOffset? LookedAt { get; init; }

    /// <summary>How often it was.</summary>
    public int Looks { get; init; }

    /// <summary>When to look again; null when nobody does.</summary>
    public DateTimeOffset? NextLookAt { get; init; }

    /// <summary>What the last look found.</summary>
    public IReadOnlyList<CanaryFinding> Findings { get; init; } = [];
}
