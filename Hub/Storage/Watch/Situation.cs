using IntegrationHub.Storage.Approvals;
using IntegrationHub.Storage.Backfills;
using IntegrationHub.Storage.Canaries;
using IntegrationHub.Storage.Configurations;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Destinations;
using IntegrationHub.Storage.Fields;
using IntegrationHub.Storage.Schedules;

namespace IntegrationHub.Storage.Watch;

/// <summary>What the hub knows at a moment that can tell why something stands still. Nothing personal.</summary>
/// <param name="At">The moment.</param>
public sealed record Situation(DateTimeOffset At)
{
    /// <summary>Runs that are not over.</summary>
    public IReadOnlyList<OpenRun> Runs { get; init; } = [];

    /// <summary>What waits for somebody's word.</summary>
    public IReadOnlyList<Approval> Approvals { get; init; } = [];

    /// <summary>What waits.</summary>
    public IReadOnlyList<PendingWork> Pending { get; init; } = [];

    /// <summary>What waits and is no delivery.</summary>
    public IReadOnlyList<QueuedWork> Queues { get; init; } = [];

    /// <summary>Conditions of destinations, lanes and audiences.</summary>
    public IReadOnlyList<StoredCondition> Conditions { get; init; } = [];

    /// <summary>Vendor jobs that are followed.</summary>
    public IReadOnlyList<BulkJob> Jobs { get; init; } = [];

    /// <summary>Destinations that could not delete people whose erasures are not over.</summary>
    public IReadOnlyList<RefusedErasure> RefusedErasures { get; init; } = [];

    /// <summary>Reconciliations that wait until a time, by run.</summary>
    public IReadOnlyDictionary<Guid, ReadBackWait> ReadBackWaits { get; init; } = new Dictionary<Guid, ReadBackWait>();

    /// <summary>Backfills whose window is closed.</summary>
    public IReadOnlyDictionary<Guid, ClosedWindow> ClosedWindows { get; init; } = new Dictionary<Guid, ClosedWindow>();

    /// <summary>Windows of the backfills that are delivered in windows only, open or closed.</summary>
    public IReadOnlyDictionary<Guid, IReadOnlyList<string>> Windows { get; init; } = new Dictionary<Guid, IReadOnlyList<string>>();

    /// <summary>Partitions that are held.</summary>
    public IReadOnlyList<HeldLease> Leases { get; init; } = [];

    /// <summary>Hubs that are alive or ended without a word; empty before the first heartbeat, when nobody can say that none is there.</summary>
    public IReadOnlyList<HubSighting> Hubs { get; init; } = [];

    /// <summary>The version of the configuration that is in force; null when none ever was, or when nobody asked.</summary>
    public ActiveConfiguration? Configuration { get; init; }

    /// <summary>The last bell of each schedule that ever rang, or was missed.</summary>
    public IReadOnlyList<JobRun> Bells { get; init; } = [];

    /// <summary>The last trip of each canary to each destination of which somebody could say how it went.</summary>
    public IReadOnlyList<CanaryTrip> Canaries { get; init; } = [];

    /// <summary>How many decisions about who is who this version cannot read, up to a thousand, and since when; null when it can read all.</summary>
    public (long Count, DateTimeOffset Since)? UnreadableDecisions { get; init; }

    /// <summary>Fields that are not as they were at their vendors.</summary>
    public IReadOnlyList<FieldVersion> Fields { get; init; } = [];

    /// <summary>What vendors said of their interfaces beside answers, in the last <see cref="Situations.NoticeLife"/>.</summary>
    public IReadOnlyList<StoredNotice> Notices { get; init; } = [];

    /// <summary>What the last comparison of each audience with a destination found.</summary>
    public IReadOnlyList<MemberDrift> Drifts { get; init; } = [];
}
