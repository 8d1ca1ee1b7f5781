namespace IntegrationHub.Storage.Backfills;

/// <summary>On what terms a backfill is delivered.</summary>
/// <param name="GroupId">Joins the runs that were asked for at once, for several destinations; null for a run of its own.</param>
/// <param name="Windows">Its windows; empty when it is delivered at any time.</param>
/// <param name="Rate">People per time, as it was asked for; null when only the destination's quota limits it.</param>
/// <param name="Loud">True when it creates people and writes as a sync does.</param>
/// <param name="OpensAt">When its next window opens; null while one is open, and without windows.</param>
public sealed record BackfillTerms(Guid? GroupId, IReadOnlyList<string> Windows, string? Rate, bool Loud, DateTimeOffset? OpensAt)
{
    /// <summary>False when the row of its terms cannot be read: another version wrote it, or it is damaged. Nothing but its state is known then.</summary>
    public bool IsReadable { get; init; } = true;

    /// <summary>Quiet, at any time, at the pace of the quota.</summary>
    public static BackfillTerms None { get; } = new(null, [], null, Loud: false, null);
}
