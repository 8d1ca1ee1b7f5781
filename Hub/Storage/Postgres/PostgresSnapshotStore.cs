using IntegrationHub.Storage.Erasures;
using IntegrationHub.Storage.Ledger;
using Npgsql;
using NpgsqlTypes;

namespace IntegrationHub.Storage.Postgres;

/// <summary>Snapshots on PostgreSQL: COPY into staging, chunks into the profiles, memberships in one set-based step.</summary>
internal sealed class PostgresSnapshotStore(SubjectIntake intake, ILedgerTables tables, Tombstones tombstones) : ISnapshotStore
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

    private const string NextPieceSql =
        """
        WITH piece AS (SELECT max(profile_id) AS until FROM (
            SELECT profile_id FROM snapshot_members WHERE snapshot_id = $1 AND profile_id > $2 ORDER BY profile_id LIMIT $3) p)
        UPDATE snapshots SET set_until = piece.until FROM piece WHERE snapshot_id = $1 AND piece.until IS NOT NULL
        RETURNING set_until
        """;

    // A piece of the list, key by key; the caller holds the ledger's lock. Whoever is not named comes last, in a statement that sees what these wrote.
    private const string NamedSql =
        """
        WITH written AS (
            INSERT INTO memberships AS m (audience, profile_id, is_member, since, occurred_at)
            SELECT $2, s.profile_id, s.is_member, $4, $3
            FROM snapshot_members s
            LEFT JOIN LATERAL (SELECT * FROM memberships WHERE audience = $2 AND profile_id = s.profile_id OFFSET 0) o ON true
            WHERE s.snapshot_id = $1 AND s.profile_id > $6 AND s.profile_id <= $7 AND (
                (o.profile_id IS NULL AND s.is_member)
                OR (o.occurred_at <= $3 AND (o.is_member <> s.is_member OR $5)))
            ORDER BY s.profile_id
            ON CONFLICT (audience, profile_id) DO UPDATE
                SET since = CASE WHEN m.is_member = EXCLUDED.is_member THEN m.since ELSE EXCLUDED.since END,
                    is_member = EXCLUDED.is_member, occurred_at = EXCLUDED.occurred_at
            RETURNING profile_id, since = $4 AS changed)
        INSERT INTO audience_changes (destination, audience, profile_id)
        SELECT r.destination, $2, w.profile_id FROM written w CROSS JOIN audience_routes r WHERE r.audience = $2 AND w.changed
        ON CONFLICT DO NOTHING
        """;

    private const string UnnamedSql =
        """
        WITH unknown AS MATERIALIZED (
            SELECT coalesce(p.person_id, p.profile_id) AS profile_id
            FROM (SELECT DISTINCT jsonb_array_elements_text(external_ids::jsonb) AS external_id FROM snapshot_rejects WHERE snapshot_id = $1) r
            JOIN profiles p ON p.tenant_id = 'default' AND p.external_id = r.external_id),
        ended AS (
            UPDATE memberships m SET is_member = false, since = $4, occurred_at = $3
            WHERE m.audience = $2 AND m.is_member AND m.occurred_at <= $3
              AND NOT EXISTS (SELECT 1 FROM snapshot_members s WHERE s.snapshot_id = $1 AND s.profile_id = m.profile_id)
              AND NOT EXISTS (SELECT 1 FROM unknown u WHERE u.profile_id = m.profile_id)
            RETURNING m.profile_id)
        INSERT INTO audience_changes (destination, audience, profile_id)
        SELECT r.destination, $2, e.profile_id FROM ended e CROSS JOIN audience_routes r WHERE r.audience = $2
        ON CONFLICT DO NOTHING
        """;

    private const string EndSql =
        """
        WITH rows AS (DELETE FROM snapshot_rows WHERE snapshot_id = $1),
             members AS (DELETE FROM snapshot_members WHERE snapshot_id = $1)
        UPDATE snapshots SET state = $2, applied_at = $3, failure_code = $4 WHERE snapshot_id = $1 AND state <> $2
        """;

    private const string ReportSql =
        """
        SELECT snapshot_id, audience, kind, file_name, state, rows, accepted, rejected, duplicates, created_at, unread_rows, failure_code
        FROM snapshots WHERE snapshot_id = $1
        """;

    public async Task CreateAsync(
        HubDbContext db, Guid snapshotId, string audience, string kind, string? fileName, DateTimeOffset at, CancellationToken cancellationToken)
    {
        await using var session = await PostgresSession.OpenAsync(db, cancellationToken);
        await using var command = session
            .Command("INSERT INTO snapshots (snapshot_id, audience, kind, file_name, state, created_at) VALUES ($1, $2, $3, $4, 'loading', $5)")
            .Id(snapshotId).Text(audience).Text(kind).Text(fileName).Time(at);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    public async Task StageAsync(
        HubDbContext db, Guid snapshotId, IReadOnlyList<StagedMember> members, IReadOnlyList<SnapshotReject> rejects, CancellationToken cancellationToken)
    {
        await using var session = await PostgresSession.OpenInTransactionAsync(db, cancellationToken);
        if (members.Count > 0)
        {
            await CopyMembersAsync(session, snapshotId, members, cancellationToken);
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

        var rows = await ReadChunkAsync(session, progress, chunkRows, cancellationToken);
        if (rows.Count > 0)
        {
            var last = rows[^1].Line;
            rows = await SnapshotProgress.WithoutErasedAsync(db, tombstones, rows, at, cancellationToken);
            var subjects = await intake.ApplyAsync(db, SnapshotProgress.Tenant, rows.ConvertAll(progress.Statement), [], at, cancellationToken, isList: true);
            var profileIds = Array.ConvertAll(subjects, subject => subject.ProfileId);
            await KeepMembersAsync(session, progress, last, SnapshotProgress.Members(rows, profileIds), cancellationToken);
            return true;
        }

        if (await AssertAsync(session, progress, cancellationToken))
        {
            if (await SetNamedAsync(session, progress, SnapshotProgress.MembersOf(chunkRows), at, cancellationToken))
            {
                return true;
            }

            await SetUnnamedAsync(db, session, progress, at, cancellationToken);
        }

        await EndAsync(session, snapshotId, "applied", at, null, cancellationToken);
        return false;
    }

    public async Task<SnapshotReport?> FindAsync(HubDbContext db, Guid snapshotId, int maxRejects, CancellationToken cancellationToken)
    {
        await using var session = await PostgresSession.OpenAsync(db, cancellationToken);
        SnapshotReport report;
        await using (var command = session.Command(ReportSql).Id(snapshotId))
        await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
        {
            if (!await reader.ReadAsync(cancellationToken))
            {
                return null;
            }

            report = new SnapshotReport
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
                CreatedAt = reader.GetFieldValue<DateTimeOffset>(9),
                UnreadRows = reader.GetInt64(10),
                FailureCode = reader.TextOrNull(11),
            };
        }

        return report with
        {
            Rejects = await ReadRejectsAsync(session, snapshotId, maxRejects, cancellationToken),
            Repeats = await ReadRepeatsAsync(session, snapshotId, maxRejects, cancellationToken),
        };
    }

    private static async Task<SnapshotProgress> LockAsync(PostgresSession session, Guid snapshotId, CancellationToken cancellationToken)
    {
        await using var command = session
            .Command("SELECT audience, kind, state, created_at, applied_line, set_until FROM snapshots WHERE snapshot_id = $1 FOR UPDATE").Id(snapshotId);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken)
            ? new SnapshotProgress(snapshotId, reader.GetString(0), reader.GetString(1), reader.GetString(2), reader.GetFieldValue<DateTimeOffset>(3), reader.GetInt64(4), reader.GetInt64(5))
            : throw SnapshotProgress.Unknown(snapshotId);
    }

    private static async Task<List<StagedMember>> ReadChunkAsync(PostgresSession session, SnapshotProgress progress, int limit, CancellationToken cancellationToken)
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
                reader.GetInt64(0), reader.GetString(1), reader.TextOrNull(2), reader.TextOrNull(3), reader.GetString(4), reader.GetBoolean(5)));
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

    /// <summary>Sets the memberships of the next piece; false when all are set.</summary>
    private static async Task<bool> SetNamedAsync(PostgresSession session, SnapshotProgress progress, int limit, DateTimeOffset at, CancellationToken cancellationToken)
    {
        await using var next = session.Command(NextPieceSql).Id(progress.SnapshotId).Long(progress.SetUntil).Long(limit);
        if (await next.ExecuteScalarAsync(cancellationToken) is not long until)
        {
            return false;
        }

        await using var command = session.Command(NamedSql)
            .Id(progress.SnapshotId).Text(progress.Audience).Time(progress.CreatedAt).Time(at).Bool(!progress.IsFull).Long(progress.SetUntil).Long(until);
        await command.ExecuteNonQueryAsync(cancellationToken);
        return true;
    }

    private static async Task SetUnnamedAsync(HubDbContext db, PostgresSession session, SnapshotProgress progress, DateTimeOffset at, CancellationToken cancellationToken)
    {
        await session.CompareByHashAsync(cancellationToken);
        if (progress.IsFull)
        {
            await using var command = session.Command(UnnamedSql).Id(progress.SnapshotId).Text(progress.Audience).Time(progress.CreatedAt).Time(at);
            command.CommandTimeout = 0;
            await command.ExecuteNonQueryAsync(cancellationToken);
        }

        await GroupedMemberships.ArrangeAsync(db, await GroupedMemberships.StateAsync(db, progress, at, cancellationToken), cancellationToken);
    }

    /// <summary>False when a later full snapshot spoke for the audience already.</summary>
    private static async Task<bool> AssertAsync(PostgresSession session, SnapshotProgress progress, CancellationToken cancellationToken)
    {
        await using var command = session.Command(progress.IsFull
            ? """
              INSERT INTO audiences AS a (audience, asserted_at, snapshot_id, unread_rows, unread_since)
              SELECT $1, $2, snapshot_id, unread_rows, CASE WHEN unread_rows > 0 THEN $2 END FROM snapshots WHERE snapshot_id = $3
              ON CONFLICT (audience) DO UPDATE SET asserted_at = EXCLUDED.asserted_at, snapshot_id = EXCLUDED.snapshot_id,
                  unread_rows = EXCLUDED.unread_rows, unread_since = CASE WHEN EXCLUDED.unread_rows > 0 THEN coalesce(a.unread_since, EXCLUDED.unread_since) END
                  WHERE a.asserted_at <= EXCLUDED.asserted_at
              RETURNING true
              """
            : "SELECT NOT EXISTS (SELECT 1 FROM audiences WHERE audience = $1 AND asserted_at > $2)")
            .Text(progress.Audience).Time(progress.CreatedAt);
        return await (progress.IsFull ? command.Id(progress.SnapshotId) : command).ExecuteScalarAsync(cancellationToken) is true;
    }

    private static async Task EndAsync(
        PostgresSession session, Guid snapshotId, string state, DateTimeOffset? appliedAt, string? code, CancellationToken cancellationToken)
    {
        await using var command = session.Command(EndSql).Id(snapshotId).Text(state).OptionalTime(appliedAt).Text(code);
        command.CommandTimeout = 0;
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private static async Task<List<SnapshotReject>> ReadRejectsAsync(PostgresSession session, Guid snapshotId, int limit, CancellationToken cancellationToken)
    {
        await using var command = session
            .Command("SELECT line, field, code, problem, external_ids FROM snapshot_rejects WHERE snapshot_id = $1 ORDER BY line LIMIT $2").Id(snapshotId).Long(limit);
        await using NpgsqlDataReader reader = await command.ExecuteReaderAsync(cancellationToken);
        var rejects = new List<SnapshotReject>();
        while (await reader.ReadAsync(cancellationToken))
        {
            rejects.Add(new SnapshotReject(reader.GetInt64(0), reader.GetString(1), reader.GetString(2), reader.GetString(3)) { ExternalIds = SnapshotProgress.ReadIds(reader.GetString(4)) });
        }

        return rejects;
    }

    private static async Task<List<SnapshotRepeat>> ReadRepeatsAsync(PostgresSession session, Guid snapshotId, int limit, CancellationToken cancellationToken)
    {
        await using var command = session
            .Command("SELECT line, later_line FROM snapshot_repeats WHERE snapshot_id = $1 ORDER BY line LIMIT $2").Id(snapshotId).Long(limit);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var repeats = new List<SnapshotRepeat>();
        while (await reader.ReadAsync(cancellationToken))
        {
            repeats.Add(new SnapshotRepeat(reader.GetInt64(0), reader.GetInt64(1)));
        }

        return repeats;
    }

    private static async Task CopyMembersAsync(PostgresSession session, Guid snapshotId, IReadOnlyList<StagedMember> members, CancellationToken cancellationToken)
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
            await copy.WriteAsync(member.AttributesJson, NpgsqlDbType.Text, cancellationToken);
            await copy.WriteAsync(member.IsMember, NpgsqlDbType.Boolean, cancellationToken);
        }

        await copy.CompleteAsync(cancellationToken);
    }
}
