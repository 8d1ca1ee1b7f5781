using System.Data.Common;
using IntegrationHub.Storage.Paging;
using IntegrationHub.Storage.Sqlite;

namespace IntegrationHub.Storage.Reconciliations;

/// <summary>The comparisons and how far they are; the same SQL on both dialects.</summary>
public static class ReconciliationBook
{
    private const string Columns =
        """
        r.run_id, r.audience, r.destination, r.heal, r.whole_fields, r.sample, r.requested_by, r.requested_at, r.stage, r.cursor, r.after_id, r.read_since, r.waiting_until, r.compared_at,
        r.calls, r.listed, r.expected, r.found, r.missing, r.unexpected, r.different, r.duplicates, r.checked, r.volumes, r.fields_differ, r.fields_since, r.file_bytes, r.not_extracted, r.file_fields
        """;

    /// <summary>Notes one that is asked for, in the caller's transaction.</summary>
    public static async Task AddAsync(HubDbContext db, ComparisonState asked, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(asked);
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        await session.ExecuteAsync(
            """
            INSERT INTO reconciliations (run_id, audience, destination, heal, whole_fields, sample, requested_by, requested_at, stage, after_id,
                calls, listed, expected, found, missing, unexpected, different, duplicates, checked)
            VALUES (@run, @audience, @destination, @heal, @whole, @sample, @by, @at, @stage, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
            """,
            cancellationToken,
            ("run", asked.RunId), ("audience", asked.Audience), ("destination", asked.Destination), ("heal", asked.Heal), ("whole", asked.WholeFields), ("sample", asked.Sample),
            ("by", asked.RequestedBy), ("at", asked.RequestedAt), ("stage", asked.Stage));
    }

    /// <summary>Writes how far it is, in the caller's transaction.</summary>
    public static async Task SaveAsync(HubDbContext db, ComparisonState at, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(at);
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        await session.ExecuteAsync(
            $"""
            UPDATE reconciliations SET stage = @stage, cursor = @cursor, after_id = @after, read_since = {session.Instant("@since")}, waiting_until = {session.Instant("@until")},
                compared_at = {session.Instant("@compared")}, calls = @calls, listed = @listed, expected = @expected, found = @found, missing = @missing, unexpected = @unexpected,
                different = @different, duplicates = @duplicates, checked = @checked, volumes = @volumes, fields_differ = @fields,
                fields_since = {session.Instant("@fields_since")}, file_bytes = @file, not_extracted = @not_extracted, file_fields = @file_fields
            WHERE run_id = @run
            """,
            cancellationToken,
            ("run", at.RunId), ("stage", at.Stage), ("cursor", at.Cursor), ("after", at.After), ("since", at.ReadSince), ("until", at.WaitingUntil), ("compared", at.ComparedAt),
            ("calls", at.Calls), ("listed", at.Listed), ("expected", at.Expected), ("found", at.Found), ("missing", at.Missing), ("unexpected", at.Unexpected),
            ("different", at.Different), ("duplicates", at.Duplicates), ("checked", at.Checked), ("volumes", at.Volumes), ("fields", at.FieldsDiffer),
            ("fields_since", at.FieldsSince), ("file", at.FileBytes), ("not_extracted", at.NotExtracted), ("file_fields", at.FileTellsFields));
    }

    /// <summary>One of them, or null.</summary>
    public static async Task<ComparisonState?> FindAsync(HubDbContext db, Guid runId, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        var found = await session.ReadAsync($"SELECT {Columns} FROM reconciliations r WHERE r.run_id = @run", Read, cancellationToken, ("run", runId));
        return found.Count == 0 ? null : found[0];
    }

    /// <summary>The latest ones, the last first.</summary>
    /// <param name="db">The context.</param>
    /// <param name="audience">Only those of this audience; null for all.</param>
    /// <param name="destination">Only those of this destination; null for all.</param>
    /// <param name="ask">Which page.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public static async Task<Page<ComparisonState>> ListAsync(HubDbContext db, string? audience, string? destination, PageAsk ask, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(ask);
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return await new PageSql(Columns, "reconciliations r", [("r.requested_at", PlaceKind.Time), ("r.run_id", PlaceKind.Id)], isDescending: true)
            .Where("r.audience = @audience", "audience", audience)
            .Where("r.destination = @destination", "destination", destination)
            .ReadAsync(session, ask, Read, cancellationToken);
    }

    /// <summary>Some of them by the ids of their runs, in any order.</summary>
    public static async Task<IReadOnlyList<ComparisonState>> ListAsync(HubDbContext db, IReadOnlyCollection<Guid> runIds, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return await session.ReadAsync(
            $"SELECT {Columns} FROM reconciliations r WHERE r.run_id IN (SELECT CAST(i.run_id AS {session.IdType}) FROM {session.Rows(("run_id", "text"))} i)", Read, cancellationToken,
            ("rows", JsonRows.Of(runIds, (writer, id) => writer.Id(id))));
    }

    /// <summary>What the latest comparisons of an audience with a destination came to, the last one first: the trend.</summary>
    /// <param name="db">The context.</param>
    /// <param name="audience">The audience.</param>
    /// <param name="destination">The destination.</param>
    /// <param name="limit">Most of them, from 1.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public static async Task<IReadOnlyList<ComparisonMark>> ListMarksAsync(HubDbContext db, string audience, string destination, int limit, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return await session.ReadAsync(
            """
            SELECT r.run_id, r.compared_at, r.expected, r.missing, r.unexpected, r.different, r.duplicates, r.volumes, m.people, m.held FROM reconciliations r
            LEFT JOIN match_rates m ON m.run_id = r.run_id
            WHERE r.audience = @audience AND r.destination = @destination AND r.compared_at IS NOT NULL ORDER BY r.requested_at DESC LIMIT @limit
            """,
            row => new ComparisonMark(
                row.GetGuid(0), row.Time(1), row.GetInt64(2), row.GetInt64(3), row.GetInt64(4), row.GetInt64(5), row.GetInt64(6), row.GetInt64(7),
                row.IsDBNull(8) || row.GetInt64(8) == 0 ? null : (double)row.GetInt64(9) / row.GetInt64(8)),
            cancellationToken, ("audience", audience), ("destination", destination), ("limit", limit));
    }

    /// <summary>Counts vendor calls of a day, in the caller's transaction. Yesterday's are forgotten.</summary>
    public static async Task SpendAsync(HubDbContext db, string destination, DateTimeOffset day, long calls, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        await session.ExecuteAsync(
            """
            INSERT INTO read_back_days AS t (destination, day, calls) VALUES (@destination, @day, @calls)
            ON CONFLICT (destination) DO UPDATE SET calls = excluded.calls + CASE WHEN t.day = excluded.day THEN t.calls ELSE 0 END, day = excluded.day
            """,
            cancellationToken,
            ("destination", destination), ("day", day), ("calls", calls));
    }

    /// <summary>Vendor calls that reconciliations made on a day.</summary>
    public static async Task<long> SpentAsync(HubDbContext db, string destination, DateTimeOffset day, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return await session.ScalarAsync("SELECT calls FROM read_back_days WHERE destination = @destination AND day = @day", cancellationToken, ("destination", destination), ("day", day)) is long calls ? calls : 0;
    }

    private static ComparisonState Read(DbDataReader row) => new()
    {
        RunId = row.GetGuid(0),
        Audience = row.GetString(1),
        Destination = row.GetString(2),
        Heal = row.GetString(3),
        WholeFields = row.GetBoolean(4),
        Sample = row.GetInt32(5),
        RequestedBy = row.GetString(6),
        RequestedAt = row.Time(7),
        Stage = row.GetString(8),
        Cursor = row.TextOrNull(9),
        After = row.GetInt64(10),
        ReadSince = TimeOrNull(row, 11),
        WaitingUntil = TimeOrNull(row, 12),
        ComparedAt = TimeOrNull(row, 13),
        Calls = row.GetInt64(14),
        Listed = row.GetInt64(15),
        Expected = row.GetInt64(16),
        Found = row.GetInt64(17),
        Missing = row.GetInt64(18),
        Unexpected = row.GetInt64(19),
        Different = row.GetInt64(20),
        Duplicates = row.GetInt64(21),
        Checked = row.GetInt64(22),
        Volumes = row.GetInt64(23),
        FieldsDiffer = row.GetInt64(24),
        FieldsSince = TimeOrNull(row, 25),
        FileBytes = row.GetInt64(26),
        NotExtracted = row.TextOrNull(27),
        FileTellsFields = row.GetBoolean(28),
    };

    private static DateTimeOffset? TimeOrNull(DbDataReader row, int ordinal) => row.IsDBNull(ordinal) ? null : row.Time(ordinal);
}
