using IntegrationHub.Hub.Configuration;

namespace IntegrationHub.Hub.Schedules;

/// <summary>Everything that a bell may ring for: the schedules of the configuration, and the hub's own jobs.</summary>
internal sealed class BellTower(HubConfiguration configuration, HubJobs jobs)
{
    /// <summary>When each rings.</summary>
    public IReadOnlyList<BellPlan> Plans => [.. configuration.Schedules.Values, .. jobs.Plans];

    /// <summary>One of them by its group and name, or null.</summary>
    public BellPlan? Find(string group, string name) => group switch
    {
        Bell.Group => configuration.Schedules.GetValueOrDefault(name),
        Bell.OwnGroup => jobs.Find(name)?.Plan,
        _ => null,
    };
}
