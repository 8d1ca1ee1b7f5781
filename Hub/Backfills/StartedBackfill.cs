namespace IntegrationHub.Hub.Backfills;

/// <summary>What was begun.</summary>
/// <param name="GroupId">Joins the runs; null for one that was asked for alone.</param>
/// <param name="Runs">The runs.</param>
internal sealed record StartedBackfill(Guid? GroupId, IReadOnlyList<Guid> Runs)
{
    /// <summary>What to ask for it by.</summary>
    public Guid Id => GroupId ?? Runs[0];
}
