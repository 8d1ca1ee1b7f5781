namespace IntegrationHub.Storage.Ledger;

/// <summary>Full or delta lists of an audience's members: staged while they are read, then applied to the ledger in resumable chunks.</summary>
public interface ISnapshotStore
{
    /// <summary>Creates a snapshot in state <c>loading</c>.</summary>
    Task CreateAsync(HubDbContext db, Guid snapshotId, string audience, string kind, string? fileName, DateTimeOffset at, CancellationToken cancellationToken);

    /// <summary>Appends staged rows and rejects (COPY on PostgreSQL); the caller batches by a few thousand and commits.</summary>
    Task StageAsync(HubDbContext db, Guid snapshotId, IReadOnlyList<StagedMember> members, IReadOnlyList<SnapshotReject> rejects, CancellationToken cancellationToken);

    /// <summary>Ends loading: counts, turns repeated external ids (case-sensitive) into duplicates keeping the last line, sets state <c>loaded</c>.</summary>
    Task<SnapshotReport> FinishAsync(HubDbContext db, Guid snapshotId, DateTimeOffset at, CancellationToken cancellationToken);

    /// <summary>Marks a snapshot <c>failed</c> and drops its staged rows; nothing of it was applied.</summary>
    Task FailAsync(HubDbContext db, Guid snapshotId, string code, CancellationToken cancellationToken);

    /// <summary>
    /// Applies the next chunk of a loaded snapshot (identity, profile merge as of the snapshot's time) in the open transaction.
    /// </summary>
    /// <returns>True when more chunks are left. When none is left the call has set memberships from the snapshot in one set-based
    /// step (a full snapshot ends memberships it does not name; a delta snapshot only touches whom it names), marked changes for
    /// delta runs, dropped the staged rows and set state <c>applied</c>. False at once for an applied snapshot. Two callers serialise on the snapshot's row.</returns>
    Task<bool> ApplyNextChunkAsync(HubDbContext db, Guid snapshotId, int chunkRows, DateTimeOffset at, CancellationToken cancellationToken);

    /// <summary>Reads a snapshot's report, or null.</summary>
    Task<SnapshotReport?> FindAsync(HubDbContext db, Guid snapshotId, int maxRejects, CancellationToken cancellationToken);
}

/// <summary>An accepted row of a snapshot; the id in its normal form. Holds personal data.</summary>
public readonly record struct StagedMember(long Line, string ExternalId, string? Email, string? Phone, string AttributesJson, bool IsMember);

/// <summary>A rejected row: where and why, never the value.</summary>
public sealed record SnapshotReject(long Line, string Field, string Code, string Problem);

/// <summary>What a snapshot brought. <c>Rows = Accepted + Rejected + Duplicates</c>. State: <c>loading</c>, <c>loaded</c>, <c>applied</c>, <c>failed</c>.</summary>
public sealed record SnapshotReport
{
    public required Guid SnapshotId { get; init; }
    public required string Audience { get; init; }
    public required string Kind { get; init; }
    public string? FileName { get; init; }
    public required string State { get; init; }
    public required long Rows { get; init; }
    public required long Accepted { get; init; }
    public required long Rejected { get; init; }
    public required long Duplicates { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public IReadOnlyList<SnapshotReject> Rejects { get; init; } = [];
}
