using IntegrationHub.Storage.Backfills;

namespace IntegrationHub.Hub.Backfills;

/// <summary>What an id names: one backfill, or several that were asked for at once.</summary>
/// <param name="Id">The id.</param>
/// <param name="Runs">The runs, one or more, in the order of their destinations.</param>
internal sealed record BackfillMatch(Guid Id, IReadOnlyList<BackfillView> Runs)
{
    /// <summary>True when the id joins runs.</summary>
    public bool IsGroup => Runs[0].Terms.GroupId == Id;
}
