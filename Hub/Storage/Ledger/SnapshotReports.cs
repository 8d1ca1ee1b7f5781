using System.Data.Common;
using IntegrationHub.Storage.Paging;

namespace IntegrationHub.Storage.Ledger;

/// <summary>Where the lists of audiences are told of: begun, and looked at. The same SQL on both dialects.</summary>
internal static class SnapshotReports
{
    public static async Task BeginAsync(
        HubDbContext db, Guid snapshotId, string audience, string kind, string? fileName, DateTimeOffset at, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        await session.ExecuteAsync(
            "INSERT INTO snapshots (snapshot_id, audience, kind, file_name, state, created_at) VALUES (@snapshot, coalesce((SELECT a.audience FROM audience_aliases a WHERE a.alias = @audience), @audience), @kind, @file, 'loading', @at)",
            cancellationToken, ("snapshot", snapshotId), ("audience", audience), ("kind", kind), ("file", fileName), ("at", at));
    }

    public static async Task<SnapshotReport?> FindAsync(HubDbContext db, Guid snapshotId, int maxRejects, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        var found = await session.ReadAsync(
            "SELECT snapshot_id, audience, kind, file_name, state, rows, accepted, rejected, duplicates, created_at, unread_rows, failure_code FROM snapshots WHERE snapshot_id = @snapshot",
            reader => new SnapshotReport
            {
                SnapshotId = reader.GetGuid(0),
                Audience = reader.GetString(1),
                Kind = reader.GetString(2),
                FileName = reader.TextOrNull(3),
                State = reader.GetString(4),
                Rows = reader.GetInt64(5),
                Accepted = reader.GetInt64(6),
                Rejected = reader.GetInt64(7),
                Duplicates = reader.GetInt64(8),
                CreatedAt = reader.Time(9),
                UnreadRows = reader.GetInt64(10),
                FailureCode = reader.TextOrNull(11),
            },
            cancellationToken,
            ("snapshot", snapshotId));
        if (found.Count == 0)
        {
            return null;
        }

        var rejects = await session.ReadAsync(
            "SELECT line, field, code, problem, external_ids FROM snapshot_rejects WHERE snapshot_id = @snapshot ORDER BY line LIMIT @limit",
            Reject,
            cancellationToken,
            ("snapshot", snapshotId), ("limit", maxRejects));
        var repeats = await session.ReadAsync(
            "SELECT line, later_line FROM snapshot_repeats WHERE snapshot_id = @snapshot ORDER BY line LIMIT @limit",
            reader => new SnapshotRepeat(reader.GetInt64(0), reader.GetInt64(1)),
            cancellationToken,
            ("snapshot", snapshotId), ("limit", maxRejects));
        return found[0] with { Rejects = rejects, Repeats = repeats };
    }

    public static async Task<Page<SnapshotReject>> ListRejectsAsync(HubDbContext db, Guid snapshotId, string? code, PageAsk ask, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return await new PageSql(
            "line, field, code, problem, external_ids", "snapshot_rejects", [("line", PlaceKind.Number), ("field", PlaceKind.Text), ("code", PlaceKind.Text)], isDescending: false)
            .Where("snapshot_id = @snapshot", "snapshot", snapshotId)
            .Where("code = @code", "code", code)
            .ReadAsync(session, ask, Reject, cancellationToken);
    }

    private static SnapshotReject Reject(DbDataReader reader) =>
        new(reader.GetInt64(0), reader.GetString(1), reader.GetString(2), reader.GetString(3)) { ExternalIds = SnapshotProgress.ReadIds(reader.GetString(4)) };
}
