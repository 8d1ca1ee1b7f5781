using System.Data.Common;
using System.Text.Json;
using IntegrationHub.Storage.Paging;

namespace IntegrationHub.Storage.Verification;

/// <summary>Results and findings of reading back; the same SQL on both dialects.</summary>
internal sealed class ReadBackStore : IReadBackStore
{
    public async Task<ReadBackResult?> FindAsync(HubDbContext db, Guid runId, int round, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        var found = await session.ReadAsync(
            "SELECT run_id, round, is_last, expected, found, missing, unexpected, with_issues, at, fields_read, differing FROM read_backs WHERE run_id = @run AND round = @round",
            ReadResult, cancellationToken, ("run", runId), ("round", round));
        return found.Count == 0 ? null : found[0];
    }

    public async Task AddAsync(HubDbContext db, ReadBackResult result, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        await session.ExecuteAsync(
            """
            INSERT INTO read_backs (run_id, round, is_last, expected, found, missing, unexpected, with_issues, at, fields_read, differing)
            VALUES (@run, @round, @last, @expected, @found, @missing, @unexpected, @issues, @at, @read, @differing)
            """,
            cancellationToken,
            ("run", result.RunId), ("round", result.Round), ("last", result.IsLastRound), ("expected", result.Totals.Expected), ("found", result.Totals.Found),
            ("missing", result.Totals.Missing), ("unexpected", result.Totals.Unexpected), ("issues", result.WithIssues), ("at", result.At),
            ("read", result.Totals.FieldsRead), ("differing", result.Totals.Differing));
    }

    public async Task NoteAsync(HubDbContext db, Guid runId, IReadOnlyCollection<ReadBackFinding> differences, CancellationToken cancellationToken)
    {
        if (differences.Count == 0)
        {
            return;
        }

        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        await session.ExecuteAsync(
            $"""
            INSERT INTO read_back_findings (run_id, kind, profile_id, remote_id, field)
            SELECT @run, i.kind, i.profile_id, i.remote_id, i.field
            FROM {session.Rows(("kind", "text"), ("profile_id", "bigint"), ("remote_id", "text"), ("field", "text"))} i
            """,
            cancellationToken,
            ("run", runId), ("rows", JsonSerializer.Serialize(differences.Select(each => new object?[] { each.Kind, each.ProfileId, each.RemoteId, each.Field }))));
    }

    public async Task<Page<ReadBackFinding>> ListFindingsAsync(HubDbContext db, Guid runId, string? kind, PageAsk ask, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return await new PageSql(
            "f.finding_id, f.kind, f.profile_id, f.remote_id, coalesce(p.external_id, p.email, f.key), f.field",
            "read_back_findings f LEFT JOIN profiles p ON p.profile_id = f.profile_id", [("f.finding_id", PlaceKind.Number)], isDescending: false)
            .Where("f.run_id = @run", "run", runId)
            .Where("f.kind = @kind", "kind", kind)
            .ReadAsync(
                session, ask, row => new ReadBackFinding(row.GetInt64(0), row.GetString(1), row.IsDBNull(2) ? null : row.GetInt64(2), row.TextOrNull(3), row.TextOrNull(4), row.TextOrNull(5)), cancellationToken);
    }

    private static ReadBackResult ReadResult(DbDataReader row) => new(
        row.GetGuid(0), row.GetInt32(1), row.GetBoolean(2),
        new VerificationTotals(row.GetInt64(3), row.GetInt64(4), row.GetInt64(5), row.GetInt64(6)) { FieldsRead = row.GetInt64(9), Differing = row.GetInt64(10) }, row.GetInt64(7), row.Time(8));
}
