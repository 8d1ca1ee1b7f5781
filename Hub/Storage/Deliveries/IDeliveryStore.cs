using IntegrationHub.Connectors.Abstractions;

namespace IntegrationHub.Storage.Deliveries;

/// <summary>The delivery queue: leases, claims, settling. A claim never changes rows; the lease makes it exclusive.</summary>
public interface IDeliveryStore
{
    /// <summary>
    /// Takes the lease of a partition for a turn; null while another turn holds it, whatever its name. Every turn has an epoch of its own. How long a lease
    /// lasts is measured by the database's clock alone.
    /// </summary>
    Task<Lease?> TakeLeaseAsync(HubDbContext db, string destination, string lane, int partition, string owner, TimeSpan length, CancellationToken cancellationToken);

    /// <summary>Holds a lease for another while; false when somebody else took it.</summary>
    Task<bool> RenewLeaseAsync(HubDbContext db, Lease lease, TimeSpan length, CancellationToken cancellationToken);

    /// <summary>Gives a lease back if it is still ours.</summary>
    /// <param name="db">The database.</param>
    /// <param name="lease">The lease.</param>
    /// <param name="isSettled">False when the turn ended without saying what became of all that it sent: the next one sees it in <see cref="Lease.Follows"/>.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    Task ReleaseLeaseAsync(HubDbContext db, Lease lease, bool isSettled, CancellationToken cancellationToken);

    /// <summary>
    /// Reads up to <paramref name="limit"/> due deliveries of the partition in order, with everything that is needed to decide and send:
    /// one round trip. In the lanes of runs only runs whose saga stands in <c>Delivering</c> are read, oldest run first; in the
    /// pressing lanes the destination's <see cref="LiveStream"/>.
    /// </summary>
    Task<IReadOnlyList<ClaimedDelivery>> ClaimAsync(HubDbContext db, Lease lease, DateTimeOffset now, int limit, CancellationToken cancellationToken);

    /// <summary>Of the people of some deliveries, those whose profile is another version than the delivery was claimed with, as they stand now.</summary>
    Task<IReadOnlyDictionary<long, MovedPerson>> FindMovedAsync(HubDbContext db, IReadOnlyList<ClaimedDelivery> deliveries, CancellationToken cancellationToken);

    /// <summary>What has to be through at a destination before anything else is sent about some people, or under their keys.</summary>
    Task<IdentityAhead> FindIdentityAheadAsync(HubDbContext db, string destination, IEnumerable<(long ProfileId, string? Key)> people, CancellationToken cancellationToken) =>
        IdentityDues.FindAheadAsync(db, destination, people, cancellationToken);

    /// <summary>Owes another key to a destination that has got people under one that is not theirs any more.</summary>
    Task OweKeysAsync(HubDbContext db, string destination, IReadOnlyCollection<(long ProfileId, string FormerKey)> changes, DateTimeOffset now, CancellationToken cancellationToken) =>
        IdentityDues.OweKeysAsync(db, changes, now, destination, cancellationToken);

    /// <summary>Of some people, those whom a destination that holds aliases does not have.</summary>
    Task<IReadOnlyList<long>> FindStrangersAsync(HubDbContext db, string destination, IEnumerable<long> profileIds, CancellationToken cancellationToken) =>
        IdentityDues.FindStrangersAsync(db, destination, profileIds, cancellationToken);

    /// <summary>Owes a destination the aliases of people whom it has got just now.</summary>
    Task OweAliasesAsync(HubDbContext db, string destination, IReadOnlyCollection<long> arrived, DateTimeOffset now, CancellationToken cancellationToken) =>
        IdentityDues.OweAliasesOfArrivalsAsync(db, destination, arrived, now, cancellationToken);

    /// <summary>Who holds which of some keys at a destination, by <see cref="KeyHash"/>.</summary>
    Task<IReadOnlyDictionary<Guid, long>> FindKeyHoldersAsync(HubDbContext db, string destination, IReadOnlyList<Guid> keys, CancellationToken cancellationToken);

    /// <summary>Of some people, those whom a destination knows (true) and those whom a run or a vendor job that is under way may make known to it (false).</summary>
    Task<IReadOnlyDictionary<long, bool>> FindExpectedAsync(HubDbContext db, string destination, IReadOnlyList<long> profileIds, CancellationToken cancellationToken);

    /// <summary>Of the people of some deliveries, those whose address another person had who gives it up in the same run and was not settled yet.</summary>
    Task<IReadOnlySet<long>> FindGivenUpAsync(HubDbContext db, IReadOnlyList<ClaimedDelivery> deliveries, CancellationToken cancellationToken);

    /// <summary>
    /// Enters a call, unless another one that is under way, in whatever instance and lane, writes one of its people: then nothing is entered. Then finds, in the
    /// same round trip, of the people of <paramref name="deliveries"/> those who moved, as <see cref="FindMovedAsync"/> does, of their runs those that are
    /// not being delivered any more, and whether the lease of the call is held still. Not to be called within a transaction.
    /// </summary>
    Task<CallEntry> EnterCallAsync(HubDbContext db, CallUnderWay call, IReadOnlyList<ClaimedDelivery> deliveries, CancellationToken cancellationToken);

    /// <summary>Says that a call ended; does nothing when it is not entered.</summary>
    Task LeaveCallAsync(HubDbContext db, Guid callId, CancellationToken cancellationToken);

    /// <summary>Says of all calls of a turn that they are over: it lost its lease, and its work is taken up.</summary>
    Task LeaveCallsOfAsync(HubDbContext db, string destination, string owner, CancellationToken cancellationToken);

    /// <summary>
    /// Notes of what a turn may have claimed in a partition, and ended without a word, that the vendor may have it. Fenced by the lease.
    /// </summary>
    /// <param name="db">The database.</param>
    /// <param name="lease">The lease that followed the turn.</param>
    /// <param name="claimed">Most deliveries of a run that one claim may have held.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    Task MarkMaybeSentAsync(HubDbContext db, Lease lease, int claimed, CancellationToken cancellationToken);

    /// <summary>
    /// Notes of what turns may have claimed of a run, in every partition that was not given back in order, that the vendor may have it. To be called before the
    /// run's deliveries are ended by anybody but such a turn or its follower.
    /// </summary>
    Task MarkMaybeSentAsync(HubDbContext db, Guid runId, int claimed, CancellationToken cancellationToken);

    /// <summary>
    /// Owes the consent of people, whom a destination has just got, to it once more: of those in <paramref name="changed"/>, and of those whose consent was told
    /// before it knew them.
    /// </summary>
    Task OweConsentsAgainAsync(HubDbContext db, string destination, IReadOnlyList<long> arrived, IReadOnlyList<long> changed, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>
    /// Writes down that deliveries which must not be sent twice are about to be sent. Fenced by the lease; the caller commits before it sends,
    /// and settling takes the mark away again unless it removes the row.
    /// </summary>
    /// <returns>The ids of those that were not marked before and still wait under the lease: only these may be sent.</returns>
    Task<IReadOnlySet<long>> MarkSendingAsync(HubDbContext db, Lease lease, IReadOnlyList<ClaimedDelivery> deliveries, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>
    /// Settles a claim in the open transaction: outcomes (with tallies), destination state, dead letters, retries, removal of the
    /// rows. Fenced by the lease.
    /// </summary>
    /// <returns>Runs (not the live stream) with how many of their records were settled and whether nothing of them is pending any more; null when the lease was lost: then nothing was written and the caller rolls back.</returns>
    Task<IReadOnlyList<SettledRun>?> SettleAsync(HubDbContext db, Lease lease, IReadOnlyList<Settlement> settlements, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>Partitions of a run (or, with null, of every run whose saga stands in <c>Delivering</c>) that have due work and no live lease.</summary>
    Task<IReadOnlyList<PartitionWithWork>> FindWorkAsync(HubDbContext db, Guid? runId, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>Partitions of the live streams that have due work and no live lease.</summary>
    Task<IReadOnlyList<PartitionWithWork>> FindLiveWorkAsync(HubDbContext db, DateTimeOffset now, CancellationToken cancellationToken);

    /// <summary>True when a delivery of the run is left.</summary>
    Task<bool> HasPendingAsync(HubDbContext db, Guid runId, CancellationToken cancellationToken);

    /// <summary>Runs in state <c>Delivering</c> that have nothing pending: their completion was lost in a crash and is said again.</summary>
    Task<IReadOnlyList<DrainedRun>> FindDrainedRunsAsync(HubDbContext db, CancellationToken cancellationToken);

    /// <summary>
    /// Settles up to <paramref name="limit"/> pending records of a canceled run as suppressed, <c>run_canceled</c>; returns how many. What the vendor may have is
    /// left in doubt; what is claimed has to be marked before.
    /// </summary>
    Task<int> CancelAsync(HubDbContext db, Guid runId, int limit, DateTimeOffset now, CancellationToken cancellationToken);
}

/// <summary>Exclusive right to one partition for a turn; <see cref="Epoch"/> fences a late settler.</summary>
public sealed record Lease(string Destination, string Lane, int Partition, string Owner, long Epoch)
{
    /// <summary>Owner of the turn before when it ended without saying what became of all that it sent, else null.</summary>
    public string? Follows { get; init; }

    /// <summary>The policy that the turn decides by (<see cref="Ledger.PolicyVersions"/>); null where nobody needs to know.</summary>
    public int? PolicyId { get; init; }

    /// <summary>The version of the configuration that the turn goes by: nothing is claimed under it while another one is in force. Null where nobody needs to know.</summary>
    public long? ConfigVersion { get; init; }

    /// <summary>True in the lanes that hold no runs but the destination's <see cref="LiveStream"/>.</summary>
    public bool IsLive => Deliveries.Lane.HoldsStream(Lane);
}

/// <summary>A partition with due work.</summary>
public sealed record PartitionWithWork(string Destination, string Lane, int Partition);

/// <summary>A delivery with the current state of its subject. Holds personal data.</summary>
public sealed record ClaimedDelivery
{
    public required long DeliveryId { get; init; }
    public required Guid RunId { get; init; }
    public required string Audience { get; init; }
    public required Operation Operation { get; init; }
    public required int Attempt { get; init; }
    public required long ProfileId { get; init; }
    public string? ExternalId { get; init; }
    public string? Email { get; init; }
    public string? Phone { get; init; }
    public required string AttributesJson { get; init; }
    public required string ConsentJson { get; init; }
    public required long ProfileVersion { get; init; }

    /// <summary>What was decided by as it was claimed; null where nobody needs to know.</summary>
    public DecisionPoint? Decided { get; init; }

    /// <summary>Since when it is owed; null where nobody needs to know.</summary>
    public DateTimeOffset? OwedSince { get; init; }

    public string? RemoteId { get; init; }

    /// <summary>True when an earlier attempt may have reached the vendor without anybody saying so.</summary>
    public bool MaybeSent { get; init; }

    /// <summary>True when the destination had the person and did not show them the last time that it was read: they may have been deleted there.</summary>
    public bool IsUnseen { get; init; }

    /// <summary>With <see cref="Operation.TrackEvent"/>: the event, else null.</summary>
    public Guid? EventId { get; init; }

    /// <summary>The fact that states the event, or null when it is kept no longer.</summary>
    public string? EventJson { get; init; }

    /// <summary>When somebody was about to send what must not be sent twice and did not come back to say what became of it; else null.</summary>
    public DateTimeOffset? SendingSince { get; init; }

    /// <summary>With a delivery of the live lane that brings state up to date: how the person stands; else null.</summary>
    public LiveState? State { get; init; }

    /// <summary>With state: the times that the profile keeps, where marks stand among them (<see cref="Ledger.ProfileMarks"/>); else null.</summary>
    public string? TimesJson { get; init; }

    /// <summary>With state: the version of the profile that the destination confirmed, and the plan version by which; null when it confirmed none.</summary>
    public (long Profile, string Plan)? Confirmed { get; init; }

    /// <summary>When what is held of the person by <see cref="Ledger.FlappingRule"/> has come to rest and is owed; null when nothing is held.</summary>
    public DateTimeOffset? HeldUntil { get; init; }

    /// <summary>True of a run's <see cref="Operation.AddMember"/> when the person has left the audience since it was planned.</summary>
    public bool HasLeft { get; init; }

    /// <summary>With a change of identity: the key that the destination has the person under, or the one that it is to have as an alias, written as its kind says; else null.</summary>
    public string? NamedKey { get; init; }

    /// <summary>With <see cref="Operation.MergeProfiles"/>: the profile that ends; else null.</summary>
    public OtherProfile? Other { get; init; }

    /// <summary>With a change of identity: true when the destination has the person.</summary>
    public bool IsKnown { get; init; }

    /// <summary>With a change of identity: true when another profile shows the person since the two became one.</summary>
    public bool IsJoined { get; init; }

    /// <summary>The dead letter that is sent again, or null.</summary>
    public long? LetterId { get; init; }

    /// <summary>With a letter that somebody corrected: new values by path, as JSON; else null. Holds personal data.</summary>
    public string? CorrectionJson { get; init; }

    /// <summary>With a letter, or an event that is owed again: true when the destination was told the same, or what is newer, since it died, or was planned.</summary>
    public bool IsOvertaken { get; init; }

    /// <summary>With a delivery of a backfill: true when nothing at the vendor shall start by it.</summary>
    public bool IsQuiet { get; init; }

    /// <summary>With a delivery of a backfill: true when what is written is what stood at the vendor before, not what the mapping makes of the person.</summary>
    public bool TakesBack { get; init; }

    /// <summary>What settling needs: while thousands of records are on their way, what was mapped already need not be held.</summary>
    public ClaimedDelivery WithoutProfile() => this with { ExternalId = null, Email = null, Phone = null, AttributesJson = "", TimesJson = null, EventJson = null, CorrectionJson = null, NamedKey = null, Other = Other is null ? null : Other with { ExternalId = null, Email = null, ConsentJson = "" } };
}

/// <summary>The names of a ledger's outcomes.</summary>
public static class LedgerOutcome
{
    public const string Delivered = "delivered";
    public const string Unchanged = "unchanged";
    public const string Suppressed = "suppressed";
    public const string Rejected = "rejected";
    public const string DeadLettered = "dead_lettered";
}

/// <summary>What to write for one claimed delivery: either a final <see cref="Outcome"/> or, when it is null, a retry.</summary>
public sealed record Settlement
{
    public required ClaimedDelivery Delivery { get; init; }

    /// <summary>A name from <see cref="LedgerOutcome"/>, or null to keep the delivery for later.</summary>
    public string? Outcome { get; init; }

    /// <summary>Reason code, or null.</summary>
    public string? Code { get; init; }

    /// <summary>With a retry: when it is due again.</summary>
    public DateTimeOffset? DueAt { get; init; }

    /// <summary>With a retry: whether it cost an attempt.</summary>
    public bool CostsAttempt { get; init; }

    /// <summary>The vendor's id when it was learned.</summary>
    public string? RemoteId { get; init; }

    /// <summary>True when a remote id that was stored before turned out stale and is to be forgotten.</summary>
    public bool ForgetRemoteId { get; init; }

    /// <summary>With delivered: hash of the fields the vendor confirmed, or null when no fields were sent.</summary>
    public Guid? ConfirmedHash { get; init; }

    /// <summary>With <see cref="ConfirmedHash"/>: the plan version under which the fields were mapped.</summary>
    public string? PlanVersion { get; init; }

    /// <summary>With delivered fields: <see cref="KeyHash"/> of the key that the vendor has the person under, where it compares keys without case; else null.</summary>
    public Guid? KeyHash { get; init; }

    /// <summary>True when the vendor may have it without anybody saying so: the person may be known there, and a member.</summary>
    public bool MaybeSent { get; init; }

    /// <summary>With rejected: true when another person has at the vendor what this one is to have.</summary>
    public bool IsTaken { get; init; }

    /// <summary>True when the vendor was read and does not have the person, who is not to be created: nothing was written, and no membership is confirmed by it.</summary>
    public bool IsNotThere { get; init; }

    /// <summary>True when the hub decided it alone: nothing was sent, so the vendor confirmed neither a membership nor its end.</summary>
    public bool IsUnsent { get; init; }

    /// <summary>True when the vendor has got the person, or what is new about the person, so that the consent it holds may lag behind.</summary>
    public bool Arrives => Delivery.Operation is Operation.UpsertProfile or Operation.AddMember
        && !Undone && !IsNotThere && (Outcome is LedgerOutcome.Delivered or LedgerOutcome.Unchanged || RemoteId is not null || MaybeSent);

    /// <summary>The key under which the vendor was sent the person; null when nothing was sent. Personal data.</summary>
    public string? SentKey { get; init; }

    /// <summary>True when a change of identity is made at the vendor, or was found made there.</summary>
    public bool ChangedIdentity => Delivery.Operation >= Operation.ChangeKey && (Outcome is LedgerOutcome.Delivered || (Outcome is LedgerOutcome.Unchanged && Code is null));

    /// <summary>The vendor's fields in the record that are written once; empty where the mapping has none.</summary>
    public IReadOnlyList<OfferedField> Offered { get; init; } = [];

    /// <summary>True when what was sent is the end of the membership that <see cref="Delivery"/> would have made: the person may not be sent any more.</summary>
    public bool Undone { get; init; }
}

/// <summary>What a settled claim means for a run.</summary>
public sealed record SettledRun(Guid RunId, int Settled, bool Drained);
