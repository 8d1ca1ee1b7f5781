using IntegrationHub.Storage.Erasures;
using IntegrationHub.Storage.Ledger;
using IntegrationHub.Storage.Paging;
using IntegrationHub.Storage.Sealing;
using Npgsql;
using NpgsqlTypes;

namespace IntegrationHub.Storage.Postgres;

/// <summary>Snapshots on PostgreSQL: COPY into staging, chunks into the profiles, memberships in one set-based step.</summary>
internal sealed class PostgresSnapshotStore(SubjectIntake intake, ILedgerTables tables, Tombstones tombstones, FactBook book, TimeProvider time) : ISnapshotStore
{
    private const string FinishSql =
        """
        WITH earlier AS (
            SELECT line, later FROM (
                SELECT line, lead(line) OVER (PARTITION BY external_id ORDER BY line) AS later
                FROM snapshot_rows WHERE snapshot_id = $1) r
            WHERE later IS NOT NULL),
        repeated AS (
            DELETE FROM snapshot_rows r USING earlier e WHERE r.snapshot_id = $1 AND r.line = e.line RETURNING r.line, e.later),
        noted AS (
            INSERT INTO snapshot_repeats (snapshot_id, line, later_line) SELECT $1, line, later FROM repeated),
        counts AS (
            SELECT (SELECT count(*) FROM snapshot_rows WHERE snapshot_id = $1) AS staged,
                   (SELECT count(*) FROM repeated) AS duplicates,
                   (SELECT count(*) FROM snapshot_rejects WHERE snapshot_id = $1) AS rejected,
                   (SELECT count(*) FROM snapshot_rejects WHERE snapshot_id = $1 AND external_ids = '[]') AS unread)
        UPDATE snapshots SET state = 'loaded', loaded_at = $2, accepted = c.staged - c.duplicates, duplicates = c.duplicates,
            rejected = c.rejected, unread_rows = c.unread, rows = c.staged + c.rejected
        FROM counts c WHERE snapshot_id = $1 AND state = 'loading'
        """;

    private const string EndSql =
        """
        WITH rows AS (DELETE FROM snapshot_rows WHERE snapshot_id = $1),
             members AS (DELETE FROM snapshot_members WHERE snapshot_id = $1)
        UPDATE snapshots SET state = $2, applied_at = $3, failure_code = $4 WHERE snapshot_id = $1 AND state <> $2
        """;

    public Task CreateAsync(
        HubDbContext db, Guid snapshotId, string audience, string kind, string? fileName, DateTimeOffset at, CancellationToken cancellationToken) =>
        SnapshotReports.BeginAsync(db, snapshotId, audience, kind, fileName, at, cancellationToken);

    public async Task StageAsync(
        HubDbContext db, Guid snapshotId, IReadOnlyList<StagedMember> members, IReadOnlyList<SnapshotReject> rejects, CancellationToken cancellationToken)
    {
        (members, rejects) = await SnapshotProgress.WithoutErasedAsync(db, tombstones, intake, members, rejects, time.GetUtcNow(), cancellationToken);
        await using var session = await PostgresSession.OpenInTransactionAsync(db, cancellationToken);
        if (members.Count > 0)
        {
            await CopyMembersAsync(session, SealingKeys.Of(db), snapshotId, members, cancellationToken);
        }

        if (rejects.Count > 0)
        {
            await using var command = session.Command(
                """
                INSERT INTO snapshot_rejects (snapshot_id, line, field, code, problem, external_ids)
                SELECT $1, * FROM unnest($2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[])
                """)
                .Id(snapshotId)
                .Longs(rejects.Column(reject => reject.Line))
                .Texts(rejects.Column<SnapshotReject, string?>(reject => reject.Field))
                .Texts(rejects.Column<SnapshotReject, string?>(reject => reject.Code))
                .Texts(rejects.Column<SnapshotReject, string?>(reject => reject.Problem))
                .Texts(rejects.Column<SnapshotReject, string?>(SnapshotProgress.IdsOf));
            await command.ExecuteNonQueryAsync(cancellationToken);
        }
    }

    public async Task<SnapshotReport> FinishAsync(HubDbContext db, Guid snapshotId, DateTimeOffset at, CancellationToken cancellationToken)
    {
        await using var session = await PostgresSession.OpenInTransactionAsync(db, cancellationToken);
        await session.CompareByHashAsync(cancellationToken);
        await using (var command = session.Command(FinishSql).Id(snapshotId).Time(at))
        {
            command.CommandTimeout = 0;
            await command.ExecuteNonQueryAsync(cancellationToken);
        }

        return await FindAsync(db, snapshotId, 100, cancellationToken) ?? throw SnapshotProgress.Unknown(snapshotId);
    }

    public async Task FailAsync(HubDbContext db, Guid snapshotId, string code, CancellationToken cancellationToken)
    {
        await using var session = await PostgresSession.OpenAsync(db, cancellationToken);
        await EndAsync(session, snapshotId, "failed", null, code, cancellationToken);
    }

    public async Task<bool> ApplyNextChunkAsync(HubDbContext db, Guid snapshotId, int chunkRows, DateTimeOffset at, CancellationToken cancellationToken)
    {
        await using var session = await PostgresSession.OpenInTransactionAsync(db, cancellationToken);
        await tables.LockAsync(db, cancellationToken);
        var progress = await LockAsync(session, snapshotId, cancellationToken);
        if (progress.IsApplied())
        {
            return false;
        }

        var rows = await ReadChunkAsync(session, SealingKeys.Of(db), progress, chunkRows, cancellationToken);
        if (rows.Count > 0)
        {
            var last = rows[^1].Line;
            rows = await SnapshotProgress.WithoutErasedAsync(db, tombstones, intake, rows, at, cancellationToken);
            var subjects = await intake.ApplyAsync(db, SnapshotProgress.Tenant, rows.ConvertAll(progress.Statement), [], at, cancellationToken, isList: true);
            await book.CountAsync(db, [], progress.RefusedOf(subjects), at, cancellationToken);
            var profileIds = Array.ConvertAll(subjects, subject => subject.ProfileId);
            await KeepMembersAsync(session, progress, last, SnapshotProgress.Members(rows, profileIds), cancellationToken);
            return true;
        }

        if (await PostgresSnapshotMembers.AssertAsync(session, progress, cancellationToken))
        {
            if (await PostgresSnapshotMembers.SetNamedAsync(session, progress, SnapshotProgress.MembersOf(chunkRows), at, cancellationToken))
            {
                return true;
            }

            await PostgresSnapshotMembers.SetUnnamedAsync(db, session, progress, at, cancellationToken);
        }

        await EndAsync(session, snapshotId, "applied", at, null, cancellationToken);
        return false;
    }

    public Task<SnapshotReport?> FindAsync(HubDbContext db, Guid snapshotId, int maxRejects, CancellationToken cancellationToken) =>
        SnapshotReports.FindAsync(db, snapshotId, maxRejects, cancellationToken);

    public Task<Page<SnapshotReject>> ListRejectsAsync(HubDbContext db, Guid snapshotId, string? code, PageAsk ask, CancellationToken cancellationToken) =>
        SnapshotReports.ListRejectsAsync(db, snapshotId, code, ask, cancellationToken);

    private static async Task<SnapshotProgress> LockAsync(PostgresSession session, Guid snapshotId, CancellationToken cancellationToken)
    {
        await using var command = session
            .Command("SELECT audience, kind, state, created_at, applied_line, set_until FROM snapshots WHERE snapshot_id = $1 FOR UPDATE").Id(snapshotId);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken)
            ? new SnapshotProgress(snapshotId, reader.GetString(0), reader.GetString(1), reader.GetString(2), reader.GetFieldValue<DateTimeOffset>(3), reader.GetInt64(4), reader.GetInt64(5))
            : throw SnapshotProgress.Unknown(snapshotId);
    }

    private static async Task<List<StagedMember>> ReadChunkAsync(PostgresSession session, SealingKeys keys, SnapshotProgress progress, int limit, CancellationToken cancellationToken)
    {
        await using var command = session.Command(
            """
            SELECT line, external_id, email, phone, attributes, is_member FROM snapshot_rows
            WHERE snapshot_id = $1 AND line > $2 ORDER BY line LIMIT $3
            """).Id(progress.SnapshotId).Long(progress.AppliedLine).Long(limit);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var rows = new List<StagedMember>(limit);
        while (await reader.ReadAsync(cancellationToken))
        {
            rows.Add(new StagedMember(
                reader.GetInt64(0), reader.GetString(1), reader.TextOrNull(2), reader.TextOrNull(3), SnapshotProgress.Opened(keys, progress.SnapshotId, reader.GetInt64(0), reader.GetString(4)), reader.GetBoolean(5)));
        }

        return rows;
    }

    private static async Task KeepMembersAsync(
        PostgresSession session, SnapshotProgress progress, long line, List<(long ProfileId, bool IsMember)> members, CancellationToken cancellationToken)
    {
        await using var command = session.Command(
            """
            WITH moved AS (UPDATE snapshots SET applied_line = $2 WHERE snapshot_id = $1)
            INSERT INTO snapshot_members (snapshot_id, profile_id, is_member)
            SELECT $1, * FROM unnest($3::bigint[], $4::boolean[])
            ON CONFLICT (snapshot_id, profile_id) DO UPDATE SET is_member = snapshot_members.is_member OR EXCLUDED.is_member
            """)
            .Id(progress.SnapshotId).Long(line).Longs(members.Column(member => member.ProfileId)).Bools(members.Column(member => member.IsMember));
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static async Task EndAsync(
        PostgresSession session, Guid snapshotId, string state, DateTimeOffset? appliedAt, string? code, CancellationToken cancellationToken)
    {
        await using var command = session.Command(EndSql).Id(snapshotId).Text(state).OptionalTime(appliedAt).Text(code);
        command.CommandTimeout = 0;
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static async Task CopyMembersAsync(PostgresSession session, SealingKeys keys, Guid snapshotId, IReadOnlyList<StagedMember> members, CancellationToken cancellationToken)
    {
        await using var copy = await session.Connection.BeginBinaryImportAsync(
            "COPY snapshot_rows (snapshot_id, line, external_id, email, phone, attributes, is_member) FROM STDIN (FORMAT binary)", cancellationToken);
        foreach (var member in members)
        {
            await copy.StartRowAsync(cancellationToken);
            await copy.WriteAsync(snapshotId, NpgsqlDbType.Uuid, cancellationToken);
            await copy.WriteAsync(member.Line, NpgsqlDbType.Bigint, cancellationToken);
            await copy.WriteAsync(member.ExternalId, NpgsqlDbType.Text, cancellationToken);
            await copy.TextAsync(member.Email, cancellationToken);
            await copy.TextAsync(member.Phone, cancellationToken);
            await copy.WriteAsync(SnapshotProgress.Sealed(keys, snapshotId, member), NpgsqlDbType.Text, cancellationToken);
            await copy.WriteAsync(member.IsMember, NpgsqlDbType.Boolean, cancellationToken);
        }

        await copy.CompleteAsync(cancellationToken);
    }
}
