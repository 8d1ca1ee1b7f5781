using IntegrationHub.Hub.Configuration;

namespace IntegrationHub.Hub.Schedules;

/// <summary>The hub's own jobs, by name.</summary>
internal sealed class HubJobs(IEnumerable<IHubJob> jobs)
{
    /// <summary>Begins their names; no name of the configuration holds a dot.</summary>
    public const string Prefix = "hub.";

    private readonly Dictionary<string, IHubJob> _jobs = jobs.ToDictionary(job => job.Plan.Name, StringComparer.Ordinal);

    /// <summary>All of them, by name.</summary>
    public IEnumerable<IHubJob> All => _jobs.Values.OrderBy(job => job.Plan.Name, StringComparer.Ordinal);

    /// <summary>When each is due.</summary>
    public IEnumerable<BellPlan> Plans => _jobs.Values.Select(job => job.Plan);

    /// <summary>Their names.</summary>
    public IReadOnlyCollection<string> Names => _jobs.Keys;

    /// <summary>One of them, or null.</summary>
    public IHubJob? Find(string name) => _jobs.GetValueOrDefault(name);

    /// <summary>What the book of bells calls a job of the hub's own.</summary>
    public static string NameOf(string name) => Prefix + name;

    /// <summary>Plans a job of the hub's own, in UTC.</summary>
    public static BellPlan Plan(string name, string cron, MissedBell missed) => new(NameOf(name), cron, TimeZoneInfo.Utc, missed);
}
