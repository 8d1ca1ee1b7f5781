using IntegrationHub.Connectors.Abstractions;

namespace IntegrationHub.Storage.Deliveries;

/// <summary>Vendor jobs that deliveries wait for. The deliveries stay in the queue until the job told what became of each.</summary>
public interface IBulkJobStore
{
    /// <summary>Due first attempts of a lease's partition by run, operation and audience, of runs that are delivering; none while the partition has a job that is waited for, also one that this version cannot read.</summary>
    Task<IReadOnlyList<DueWork>> CountDueAsync(HubDbContext db, Lease lease, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>The job that a partition waits for, or null. Nobody waits for one whose operation this version does not know: it stays for a hub that does.</summary>
    Task<BulkJob?> FindAsync(HubDbContext db, string destination, string lane, int partition, CancellationToken cancellationToken);

    /// <summary>A job of a partition for which nobody waits any more, and which is to be looked at again by now; or null.</summary>
    Task<BulkJob?> FindGivenUpAsync(HubDbContext db, string destination, string lane, int partition, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>What the vendor's jobs of any partition do with the audience at the destination.</summary>
    Task<AudienceJobs> OfAudienceAsync(HubDbContext db, string destination, string audience, CancellationToken cancellationToken);

    /// <summary>Writes down a job that the vendor took, with its records.</summary>
    Task AddAsync(HubDbContext db, BulkJob job, IReadOnlyList<BulkJobRow> rows, CancellationToken cancellationToken);

    /// <summary>The records of a job, with what was sent for each; those too whose delivery is not in the queue any more, because the run was canceled.</summary>
    Task<IReadOnlyList<BulkDelivered>> ClaimAsync(HubDbContext db, BulkJob job, CancellationToken cancellationToken);

    /// <summary>Looks at the job again at another time.</summary>
    Task PostponeAsync(HubDbContext db, BulkJob job, DateTimeOffset pollAt, CancellationToken cancellationToken);

    /// <summary>Nobody waits for a job any more: its deliveries go otherwise. It stays written down, for the vendor may end it nevertheless.</summary>
    Task GiveUpAsync(HubDbContext db, BulkJob job, DateTimeOffset now, DateTimeOffset pollAt, CancellationToken cancellationToken);

    /// <summary>
    /// A job that was given up is over, and may have written what was newer by then: whoever moved since it was handed over is written anew by the next run, is in doubt as a member where
    /// the hub has them as none, and is owed at once where the audience is taken live. Forgets the job.
    /// </summary>
    /// <returns>Everybody in it, and those of them whose profile moved.</returns>
    Task<LateEnd> EndLateAsync(HubDbContext db, BulkJob job, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>Forgets a job.</summary>
    Task EndAsync(HubDbContext db, BulkJob job, CancellationToken cancellationToken);
}

/// <summary>Due deliveries of one kind.</summary>
public sealed record DueWork(Guid RunId, Operation Operation, string Audience, long Count);

/// <summary>What the vendor's jobs do with an audience.</summary>
public enum AudienceJobs
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>One works on it.</summary>
    Running,

    /// <summary>One that was given up may work on it still; no other one is started meanwhile.</summary>
    GivenUp,
}

/// <summary>Whom a job concerned that ended after it was given up.</summary>
/// <param name="Everybody">Profiles of its records.</param>
/// <param name="Moved">Those that have changed since they were handed over.</param>
public sealed record LateEnd(IReadOnlyList<long> Everybody, IReadOnlyList<long> Moved);

/// <summary>A vendor job.</summary>
/// <param name="JobId">The hub's id; 0 before it is written.</param>
/// <param name="Destination">Where it runs.</param>
/// <param name="Lane">Lane of its deliveries.</param>
/// <param name="Partition">Partition of its deliveries.</param>
/// <param name="RunId">Run of its deliveries.</param>
/// <param name="Audience">Their audience.</param>
/// <param name="Operation">What it does.</param>
/// <param name="RemoteJob">The vendor's id.</param>
/// <param name="PlanVersion">Plan version under which its fields were mapped.</param>
/// <param name="StartedAt">When the vendor took it.</param>
/// <param name="PollAt">When to look at it next.</param>
public sealed record BulkJob(
    long JobId, string Destination, string Lane, int Partition, Guid RunId, string Audience, Operation Operation, string RemoteJob, string PlanVersion,
    DateTimeOffset StartedAt, DateTimeOffset PollAt)
{
    /// <summary>What was decided by as it was handed over, or null.</summary>
    public DecisionPoint? Decided { get; init; }
}

/// <summary>A record of a job.</summary>
/// <param name="DeliveryId">Its delivery.</param>
/// <param name="ProfileId">Whom it is about.</param>
/// <param name="Key">The identity key that was sent. Personal data; kept as long as the job.</param>
/// <param name="ContentHash">Hash of the fields that were sent, or null.</param>
/// <param name="ProfileVersion">Version of the profile that was sent.</param>
public readonly record struct BulkJobRow(long DeliveryId, long ProfileId, string Key, Guid? ContentHash, long ProfileVersion);

/// <summary>A delivery of a job, the key and the hash of what was sent; the delivery's profile version is the one that was sent.</summary>
public sealed record BulkDelivered(ClaimedDelivery Delivery, string? Key, Guid? ContentHash);
