using IntegrationHub.Connectors.Abstractions;

namespace IntegrationHub.Storage.Deliveries;

/// <summary>Vendor jobs that deliveries wait for. The deliveries stay in the queue until the job told what became of each.</summary>
public interface IBulkJobStore
{
    /// <summary>Due first attempts of a lease's partition by run, operation and audience, of runs that are delivering; none while the partition has a job, also one that this version cannot read.</summary>
    Task<IReadOnlyList<DueWork>> CountDueAsync(HubDbContext db, Lease lease, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>The job that a partition waits for, or null. Nobody waits for one whose operation this version does not know: it stays for a hub that does.</summary>
    Task<BulkJob?> FindAsync(HubDbContext db, string destination, string lane, int partition, CancellationToken cancellationToken);

    /// <summary>True while a job of any partition works on the audience at the destination.</summary>
    Task<bool> IsRunningAsync(HubDbContext db, string destination, string audience, CancellationToken cancellationToken);

    /// <summary>Writes down a job that the vendor took, with its records.</summary>
    Task AddAsync(HubDbContext db, BulkJob job, IReadOnlyList<BulkJobRow> rows, CancellationToken cancellationToken);

    /// <summary>The records of a job, with what was sent for each; those too whose delivery is not in the queue any more, because the run was canceled.</summary>
    Task<IReadOnlyList<BulkDelivered>> ClaimAsync(HubDbContext db, BulkJob job, CancellationToken cancellationToken);

    /// <summary>Looks at the job again at another time.</summary>
    Task PostponeAsync(HubDbContext db, BulkJob job, DateTimeOffset pollAt, CancellationToken cancellationToken);

    /// <summary>Forgets a job.</summary>
    Task EndAsync(HubDbContext db, BulkJob job, CancellationToken cancellationToken);
}

/// <summary>Due deliveries of one kind.</summary>
public sealed record DueWork(Guid RunId, Operation Operation, string Audience, long Count);

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
