using IntegrationHub.Storage.Paging;

namespace IntegrationHub.Storage.Ledger;

/// <summary>Full or delta lists of an audience's members: staged while they are read, then applied to the ledger in resumable chunks.</summary>
public interface ISnapshotStore
{
    /// <summary>Creates a snapshot in state <c>loading</c>.</summary>
    Task CreateAsync(HubDbContext db, Guid snapshotId, string audience, string kind, string? fileName, DateTimeOffset at, CancellationToken cancellationToken);

    /// <summary>Appends staged rows and rejects (COPY on PostgreSQL), without those of people who were erased; the caller batches by a few thousand and commits.</summary>
    Task StageAsync(HubDbContext db, Guid snapshotId, IReadOnlyList<StagedMember> members, IReadOnlyList<SnapshotReject> rejects, CancellationToken cancellationToken);

    /// <summary>Ends loading: counts, turns repeated external ids (case-sensitive) into duplicates keeping the last line, sets state <c>loaded</c>.</summary>
    Task<SnapshotReport> FinishAsync(HubDbContext db, Guid snapshotId, DateTimeOffset at, CancellationToken cancellationToken);

    /// <summary>Marks a snapshot <c>failed</c> and drops its staged rows; nothing of it was applied.</summary>
    Task FailAsync(HubDbContext db, Guid snapshotId, string code, CancellationToken cancellationToken);

    /// <summary>
    /// Applies the next chunk of a loaded snapshot (identity, profile merge as of the snapshot's time) in the open transaction.
    /// </summary>
    /// <returns>True when more chunks are left. When none is left the call has set memberships from the snapshot in one set-based
    /// step (a full snapshot ends memberships it does not name, except of people whom a rejected row may name: of them nothing is known;
    /// a delta snapshot only touches whom it names), marked changes for
    /// delta runs, dropped the staged rows and set state <c>applied</c>. False at once for an applied snapshot. Two callers serialise on the snapshot's row.</returns>
    Task<bool> ApplyNextChunkAsync(HubDbContext db, Guid snapshotId, int chunkRows, DateTimeOffset at, CancellationToken cancellationToken);

    /// <summary>Reads a snapshot's report with its first rejected and repeated rows, or null.</summary>
    Task<SnapshotReport?> FindAsync(HubDbContext db, Guid snapshotId, int maxRejects, CancellationToken cancellationToken);

    /// <summary>A page of a snapshot's rejected rows by their lines; only those with a reason code, where one is given.</summary>
    Task<Page<SnapshotReject>> ListRejectsAsync(HubDbContext db, Guid snapshotId, string? code, PageAsk ask, CancellationToken cancellationToken);
}

/// <summary>
/// An accepted row of a snapshot; the id in its normal form. Of <paramref name="Email"/> and <paramref name="Phone"/> null says nothing and empty says that there is none
/// (any more). An <paramref name="AttributesJson"/> that was kept and does not open is no JSON, and says nothing. Holds personal data.
/// </summary>
public readonly record struct StagedMember(long Line, string ExternalId, string? Email, string? Phone, string AttributesJson, bool IsMember);

/// <summary>A rejected row: where and why, never the value.</summary>
public sealed record SnapshotReject(long Line, string Field, string Code, string Problem)
{
    /// <summary>
    /// Ids of the people whom the row may be about: they stay as they are. More than one where columns have shifted; empty when not even
    /// the id could be read. Personal data, for comparing alone.
    /// </summary>
    public IReadOnlyList<string> ExternalIds { get; init; } = [];
}

/// <summary>A row that counts for nothing because a later one has the same id.</summary>
public sealed record SnapshotRepeat(long Line, long LaterLine);

/// <summary>What a snapshot brought. <c>Rows = Accepted + Rejected + Duplicates</c>. State: <c>loading</c>, <c>loaded</c>, <c>applied</c>, <c>failed</c>.</summary>
public sealed record SnapshotReport
{
    /// <summary>Nobody applied the list in its time, and its rows were deleted.</summary>
    public const string Abandoned = "abandoned";

    public required Guid SnapshotId { get; init; }
    public required string Audience { get; init; }
    public required string Kind { get; init; }
    public string? FileName { get; init; }
    public required string State { get; init; }
    public required long Rows { get; init; }
    public required long Accepted { get; init; }
    public required long Rejected { get; init; }
    public required long Duplicates { get; init; }

    /// <summary>Rejected rows of which not even the id of the person could be read.</summary>
    public long UnreadRows { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>How often its columns of consent said yes, which did not count since the list may only deny. Told to who loads it, not kept.</summary>
    public long GrantsRefused { get; init; }

    /// <summary>Why it failed, <see cref="Abandoned"/> for a list that nobody applied; null when it did not.</summary>
    public string? FailureCode { get; init; }
    public IReadOnlyList<SnapshotReject> Rejects { get; init; } = [];
    public IReadOnlyList<SnapshotRepeat> Repeats { get; init; } = [];
}
