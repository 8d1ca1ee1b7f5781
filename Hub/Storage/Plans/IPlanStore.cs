using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Storage.Deliveries;

namespace IntegrationHub.Storage.Plans;

/// <summary>
/// The plan of a run: which subjects are considered and what is owed for each. Chunked by profile id with the cursor stored in the
/// same transaction as the chunk, so a killed planner goes on where it stood.
/// </summary>
public interface IPlanStore
{
    /// <summary>
    /// Opens or reopens the plan of a run. A delta plan takes the marked changes of (destination, audience) over as its scope: marks are
    /// deleted first, then the current state is read by later statements, so a change that commits meanwhile stays marked for the next run.
    /// </summary>
    Task<PlanProgress> OpenAsync(HubDbContext db, PlanRequest request, CancellationToken cancellationToken);

    /// <summary>
    /// Reads the next candidates after the cursor, ordered by profile id. Full and mirror: members of the audience and whom the
    /// destination has as a member. Delta and backfill: the scope. Cost of a delta follows the scope, not the audience.
    /// </summary>
    Task<IReadOnlyList<PlanCandidate>> ReadCandidatesAsync(HubDbContext db, PlanRequest request, long afterProfileId, int limit, CancellationToken cancellationToken);

    /// <summary>How many candidates there are for a full run, sampled or not.</summary>
    Task<long> CountCandidatesAsync(HubDbContext db, string destination, string audience, CancellationToken cancellationToken);

    /// <summary>
    /// Of the people whom a run would remove as strangers, those whom a rejected row of the audience's last full list may name: nothing is known
    /// of them, so they stay as they are. Empty for most.
    /// </summary>
    Task<IReadOnlySet<long>> ReadUnknownAsync(HubDbContext db, string audience, CancellationToken cancellationToken);

    /// <summary>
    /// Writes one planned chunk: deliveries (COPY), outcomes that are known already, tallies and the cursor, by compare-and-set on
    /// <see cref="PlanChunk.PreviousCursor"/> first.
    /// </summary>
    /// <returns>False when another planner moved the cursor: nothing was written, the caller stops.</returns>
    Task<bool> WriteChunkAsync(HubDbContext db, PlanRequest request, PlanChunk chunk, DateTimeOffset at, CancellationToken cancellationToken);

    /// <summary>Ends the plan and returns its totals, counted from rows. Repeats return the same numbers while nothing was settled.</summary>
    Task<PlanTotals> CompleteAsync(HubDbContext db, PlanRequest request, CancellationToken cancellationToken);
}

/// <summary>Which plan.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Destination">Name of the destination.</param>
/// <param name="Audience">Key of the audience.</param>
/// <param name="Mode"><c>full</c>, <c>delta</c>, <c>mirror</c>, or <see cref="Backfill"/>, whose scope the caller fills.</param>
/// <param name="Lane">Lane of its deliveries.</param>
/// <param name="PlanVersion">Version of mapping and consent policy for this destination; a change makes every profile a candidate for an update.</param>
/// <param name="Partitions">Partitions that subjects are spread over.</param>
public sealed record PlanRequest(Guid RunId, string Destination, string Audience, string Mode, string Lane, string PlanVersion, int Partitions)
{
    /// <summary>Mode of the plans of backfills.</summary>
    public const string Backfill = "backfill";

    /// <summary>The policy that it decides by (<see cref="Ledger.PolicyVersions"/>); null where nobody needs to know.</summary>
    public int? PolicyId { get; init; }

    /// <summary>
    /// So many of a million people are read, the same ones whatever the destination and however often; null for all of them. For a plan that nobody carries out: only full and mirror plans know it.
    /// </summary>
    public int? SamplePerMillion { get; init; }

    /// <summary>The version of the configuration that it goes by: nothing is planned under it while another one is in force. Null where nobody needs to know.</summary>
    public long? ConfigVersion { get; init; }
}

/// <summary>Where a plan stands. <paramref name="Cursor"/> is the last planned profile id, 0 at the start.</summary>
public sealed record PlanProgress(long Cursor, bool Completed);

/// <summary>A subject to decide on. Holds personal data.</summary>
public sealed record PlanCandidate
{
    public required long ProfileId { get; init; }
    public string? ExternalId { get; init; }
    public string? Email { get; init; }
    public string? Phone { get; init; }

    /// <summary>Flat JSON object, or null when the destination confirmed this very <see cref="ProfileVersion"/> under this plan version: then nothing needs mapping.</summary>
    public string? AttributesJson { get; init; }

    /// <summary>Consent states as kept with the profile, flat JSON; <c>{}</c> when nothing is known.</summary>
    public required string ConsentJson { get; init; }
    public required long ProfileVersion { get; init; }

    /// <summary>The ledger says: member of the audience.</summary>
    public required bool IsMember { get; init; }

    /// <summary>The destination confirmed: member of the audience.</summary>
    public required bool IsRemoteMember { get; init; }

    /// <summary>Nobody knows whether the person is a member there: what was sent may have been applied.</summary>
    public bool MayBeRemoteMember { get; init; }

    /// <summary>Another profile shows the person since the two became one.</summary>
    public bool IsJoined { get; init; }

    /// <summary>The membership at the destination was made by this hub.</summary>
    public required bool AddedByHub { get; init; }

    /// <summary>Position of the newest decision of consent in the ledger as the person was read; 0 when there was none.</summary>
    public long Position { get; init; }

    /// <summary>Hash of what the destination confirmed last, or null when it never did.</summary>
    public Guid? ConfirmedHash { get; init; }

    /// <summary>The version of the profile that the destination confirmed under this plan version; null when it did not.</summary>
    public long? ConfirmedVersion { get; init; }

    /// <summary>The times that the profile keeps, where marks stand among them (<see cref="Ledger.ProfileMarks"/>); else null.</summary>
    public string? TimesJson { get; init; }

    public string? RemoteId { get; init; }
}

/// <summary>A planned chunk.</summary>
public sealed record PlanChunk
{
    /// <summary>Cursor that this chunk was read after; when the stored cursor is another one (a second planner of the same run was faster) nothing is written.</summary>
    public required long PreviousCursor { get; init; }

    /// <summary>Cursor after this chunk.</summary>
    public required long Cursor { get; init; }
    public required IReadOnlyList<PlannedDelivery> Deliveries { get; init; }

    /// <summary>What it was decided by, or null.</summary>
    public DecisionPoint? Decided { get; init; }

    /// <summary>Records settled by planning: unchanged, suppressed, rejected.</summary>
    public required IReadOnlyList<PlannedOutcome> Outcomes { get; init; }
}

/// <summary>One thing owed. The partition comes from the identity key, so two subjects with one key share a partition.</summary>
public readonly record struct PlannedDelivery(long ProfileId, Operation Operation, int Partition);

/// <summary>One record settled by planning; <paramref name="Outcome"/> is a name from <see cref="Deliveries.LedgerOutcome"/>.</summary>
/// <param name="ProfileId">The subject.</param>
/// <param name="Outcome">The outcome's name.</param>
/// <param name="Code">Reason code, or null.</param>
/// <param name="Operation">What would have been owed; a rejected record is listed as a dead letter of it.</param>
public readonly record struct PlannedOutcome(long ProfileId, string Outcome, string? Code, Operation Operation = Operation.AddMember);

/// <summary>Totals of a plan; see the contract AudienceSyncPlanned.</summary>
public sealed record PlanTotals(long Planned, long ToAdd, long ToRemove, long ToUpdate, long CurrentMembers, long UnreadRows = 0);
