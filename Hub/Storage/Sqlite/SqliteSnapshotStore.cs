using IntegrationHub.Storage.Erasures;
using IntegrationHub.Storage.Ledger;
using IntegrationHub.Storage.Paging;
using IntegrationHub.Storage.Sealing;

namespace IntegrationHub.Storage.Sqlite;

/// <summary>Snapshots on SQLite.</summary>
internal sealed class SqliteSnapshotStore(SubjectIntake intake, Tombstones tombstones, FactBook book, TimeProvider time) : ISnapshotStore
{
    private const string StageSql =
        """
        INSERT INTO snapshot_rows (snapshot_id, line, external_id, email, phone, attributes, is_member)
        SELECT @snapshot, json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]'), json_extract(value, '$[3]'),
               json_extract(value, '$[4]'), json_extract(value, '$[5]')
        FROM json_each(@rows)
        """;

    private const string RejectSql =
        """
        INSERT INTO snapshot_rejects (snapshot_id, line, field, code, problem, external_ids)
        SELECT @snapshot, json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]'), json_extract(value, '$[3]'), json_extract(value, '$[4]')
        FROM json_each(@rows)
        """;

    private const string NoteRepeatsSql =
        """
        INSERT INTO snapshot_repeats (snapshot_id, line, later_line)
        SELECT @snapshot, line, later FROM (
            SELECT line, lead(line) OVER (PARTITION BY external_id ORDER BY line) AS later FROM snapshot_rows WHERE snapshot_id = @snapshot)
        WHERE later IS NOT NULL
        """;

    private const string DropRepeatsSql =
        """
        DELETE FROM snapshot_rows WHERE snapshot_id = @snapshot AND line IN (SELECT line FROM snapshot_repeats WHERE snapshot_id = @snapshot)
        """;

    private const string FinishSql =
        """
        UPDATE snapshots SET state = 'loaded', loaded_at = @at, duplicates = @duplicates,
            accepted = (SELECT count(*) FROM snapshot_rows WHERE snapshot_id = @snapshot),
            rejected = (SELECT count(*) FROM snapshot_rejects WHERE snapshot_id = @snapshot),
            unread_rows = (SELECT count(*) FROM snapshot_rejects WHERE snapshot_id = @snapshot AND external_ids = '[]')
        WHERE snapshot_id = @snapshot;
        UPDATE snapshots SET rows = accepted + rejected + duplicates WHERE snapshot_id = @snapshot;
        """;

    private const string KeepMembersSql =
        """
        INSERT INTO snapshot_members (snapshot_id, profile_id, is_member)
        SELECT @snapshot, json_extract(value, '$[0]'), json_extract(value, '$[1]') FROM json_each(@rows) WHERE true
        ON CONFLICT (snapshot_id, profile_id) DO UPDATE SET is_member = snapshot_members.is_member OR excluded.is_member
        """;

    private const string NamedSql =
        """
        INSERT INTO memberships AS m (audience, profile_id, is_member, since, occurred_at)
        SELECT @audience, s.profile_id, s.is_member, @at, @stated
        FROM snapshot_members s LEFT JOIN memberships o ON o.audience = @audience AND o.profile_id = s.profile_id
        WHERE s.snapshot_id = @snapshot AND s.profile_id > @after AND s.profile_id <= @until AND (
            (o.profile_id IS NULL AND s.is_member) OR (o.occurred_at <= @stated AND (o.is_member <> s.is_member OR @delta)))
        ON CONFLICT (audience, profile_id) DO UPDATE
            SET since = CASE WHEN m.is_member = excluded.is_member THEN m.since ELSE excluded.since END,
                is_member = excluded.is_member, occurred_at = excluded.occurred_at
        """;

    // Marks before the memberships change, by the same conditions, so that only real changes are marked.
    private const string MarkNamedSql =
        """
        INSERT OR IGNORE INTO audience_changes (destination, audience, profile_id)
        SELECT r.destination, @audience, s.profile_id
        FROM snapshot_members s LEFT JOIN memberships o ON o.audience = @audience AND o.profile_id = s.profile_id
        CROSS JOIN audience_routes r
        WHERE s.snapshot_id = @snapshot AND s.profile_id > @after AND s.profile_id <= @until AND r.audience = @audience AND (
            (o.profile_id IS NULL AND s.is_member) OR (o.occurred_at <= @stated AND o.is_member <> s.is_member))
        """;

    private const string Unnamed =
        """
        audience = @audience AND is_member AND occurred_at <= @stated
        AND profile_id NOT IN (SELECT profile_id FROM snapshot_members WHERE snapshot_id = @snapshot)
        AND profile_id NOT IN (
            SELECT coalesce(p.person_id, p.profile_id) FROM snapshot_rejects r CROSS JOIN json_each(r.external_ids) e
            JOIN profiles p ON p.tenant_id = 'default' AND p.external_id = e.value
            WHERE r.snapshot_id = @snapshot)
        """;

    private const string MarkUnnamedSql =
        $"""
        INSERT OR IGNORE INTO audience_changes (destination, audience, profile_id)
        SELECT r.destination, @audience, m.profile_id
        FROM (SELECT profile_id FROM memberships WHERE {Unnamed}) m CROSS JOIN audience_routes r WHERE r.audience = @audience
        """;

    private const string EndUnnamedSql = $"UPDATE memberships SET is_member = 0, since = @at, occurred_at = @stated WHERE {Unnamed}";

    private const string AssertSql =
        """
        INSERT INTO audiences AS a (audience, asserted_at, snapshot_id, unread_rows, unread_since)
        SELECT @audience, @stated, snapshot_id, unread_rows, CASE WHEN unread_rows > 0 THEN @stated END FROM snapshots WHERE snapshot_id = @snapshot
        ON CONFLICT (audience) DO UPDATE SET asserted_at = excluded.asserted_at, snapshot_id = excluded.snapshot_id,
            unread_rows = excluded.unread_rows, unread_since = CASE WHEN excluded.unread_rows > 0 THEN coalesce(a.unread_since, excluded.unread_since) END
            WHERE a.asserted_at <= excluded.asserted_at
        RETURNING 1
        """;

    private const string EndSql =
        """
        DELETE FROM snapshot_rows WHERE snapshot_id = @snapshot;
        DELETE FROM snapshot_members WHERE snapshot_id = @snapshot;
        UPDATE snapshots SET state = @state, applied_at = @applied, failure_code = @code WHERE snapshot_id = @snapshot AND state <> @state;
        """;

    public Task CreateAsync(
        HubDbContext db, Guid snapshotId, string audience, string kind, string? fileName, DateTimeOffset at, CancellationToken cancellationToken) =>
        SnapshotReports.BeginAsync(db, snapshotId, audience, kind, fileName, at, cancellationToken);

    public async Task StageAsync(
        HubDbContext db, Guid snapshotId, IReadOnlyList<StagedMember> members, IReadOnlyList<SnapshotReject> rejects, CancellationToken cancellationToken)
    {
        (members, rejects) = await SnapshotProgress.WithoutErasedAsync(db, tombstones, intake, members, rejects, time.GetUtcNow(), cancellationToken);
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        var keys = SealingKeys.Of(db);
        var rows = JsonRows.Of(members, (writer, member) =>
        {
            writer.WriteNumberValue(member.Line);
            writer.WriteStringValue(member.ExternalId);
            writer.WriteStringValue(member.Email);
            writer.WriteStringValue(member.Phone);
            writer.WriteStringValue(SnapshotProgress.Sealed(keys, snapshotId, member));
            writer.Flag(member.IsMember);
        });
        var problems = JsonRows.Of(rejects, (writer, reject) =>
        {
            writer.WriteNumberValue(reject.Line);
            writer.WriteStringValue(reject.Field);
            writer.WriteStringValue(reject.Code);
            writer.WriteStringValue(reject.Problem);
            writer.WriteStringValue(SnapshotProgress.IdsOf(reject));
        });
        await session.ExecuteAsync(StageSql, cancellationToken, ("snapshot", snapshotId), ("rows", rows));
        await session.ExecuteAsync(RejectSql, cancellationToken, ("snapshot", snapshotId), ("rows", problems));
    }

    public async Task<SnapshotReport> FinishAsync(HubDbContext db, Guid snapshotId, DateTimeOffset at, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        if ((await FindProgressAsync(session, snapshotId, cancellationToken)).State == "loading")
        {
            await session.ExecuteAsync(NoteRepeatsSql, cancellationToken, ("snapshot", snapshotId));
            var duplicates = await session.ExecuteAsync(DropRepeatsSql, cancellationToken, ("snapshot", snapshotId));
            await session.ExecuteAsync(FinishSql, cancellationToken, ("snapshot", snapshotId), ("at", at), ("duplicates", duplicates));
        }

        return (await FindAsync(db, snapshotId, 100, cancellationToken))!;
    }

    public async Task FailAsync(HubDbContext db, Guid snapshotId, string code, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        await EndAsync(session, snapshotId, "failed", null, code, cancellationToken);
    }

    public async Task<bool> ApplyNextChunkAsync(HubDbContext db, Guid snapshotId, int chunkRows, DateTimeOffset at, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        var progress = await FindProgressAsync(session, snapshotId, cancellationToken);
        if (progress.IsApplied())
        {
            return false;
        }

        var keys = SealingKeys.Of(db);
        var rows = await session.ReadAsync(
            """
            SELECT line, external_id, email, phone, attributes, is_member FROM snapshot_rows
            WHERE snapshot_id = @snapshot AND line > @line ORDER BY line LIMIT @limit
            """,
            reader => new StagedMember(
                reader.GetInt64(0), reader.GetString(1), reader.TextOrNull(2), reader.TextOrNull(3), SnapshotProgress.Opened(keys, snapshotId, reader.GetInt64(0), reader.GetString(4)), reader.GetBoolean(5)),
            cancellationToken,
            ("snapshot", snapshotId), ("line", progress.AppliedLine), ("limit", chunkRows));
        if (rows.Count > 0)
        {
            var last = rows[^1].Line;
            rows = await SnapshotProgress.WithoutErasedAsync(db, tombstones, intake, rows, at, cancellationToken);
            var subjects = await intake.ApplyAsync(db, SnapshotProgress.Tenant, rows.ConvertAll(progress.Statement), [], at, cancellationToken, isList: true);
            await book.CountAsync(db, [], progress.RefusedOf(subjects), at, cancellationToken);
            var profileIds = Array.ConvertAll(subjects, subject => subject.ProfileId);
            var members = JsonRows.Of(SnapshotProgress.Members(rows, profileIds), (writer, member) =>
            {
                writer.WriteNumberValue(member.ProfileId);
                writer.Flag(member.IsMember);
            });
            await session.ExecuteAsync(KeepMembersSql, cancellationToken, ("snapshot", snapshotId), ("rows", members));
            await session.ExecuteAsync(
                "UPDATE snapshots SET applied_line = @line WHERE snapshot_id = @snapshot", cancellationToken, ("snapshot", snapshotId), ("line", last));
            return true;
        }

        (string, object?)[] parameters =
        [
            ("snapshot", progress.SnapshotId), ("audience", progress.Audience), ("stated", progress.CreatedAt), ("at", at), ("delta", !progress.IsFull),
        ];
        if (await MayAssertAsync(session, parameters, progress.IsFull, cancellationToken))
        {
            if (await SetNamedAsync(session, progress, parameters, SnapshotProgress.MembersOf(chunkRows), cancellationToken))
            {
                return true;
            }

            await SetUnnamedAsync(db, session, progress, parameters, at, cancellationToken);
        }

        await EndAsync(session, snapshotId, "applied", at, null, cancellationToken);
        return false;
    }

    public Task<SnapshotReport?> FindAsync(HubDbContext db, Guid snapshotId, int maxRejects, CancellationToken cancellationToken) =>
        SnapshotReports.FindAsync(db, snapshotId, maxRejects, cancellationToken);

    public Task<Page<SnapshotReject>> ListRejectsAsync(HubDbContext db, Guid snapshotId, string? code, PageAsk ask, CancellationToken cancellationToken) =>
        SnapshotReports.ListRejectsAsync(db, snapshotId, code, ask, cancellationToken);

    private static async Task<SnapshotProgress> FindProgressAsync(DbSession session, Guid snapshotId, CancellationToken cancellationToken)
    {
        var found = await session.ReadAsync(
            "SELECT audience, kind, state, created_at, applied_line, set_until FROM snapshots WHERE snapshot_id = @snapshot",
            reader => new SnapshotProgress(snapshotId, reader.GetString(0), reader.GetString(1), reader.GetString(2), reader.Time(3), reader.GetInt64(4), reader.GetInt64(5)),
            cancellationToken,
            ("snapshot", snapshotId));
        return found.Count == 1 ? found[0] : throw SnapshotProgress.Unknown(snapshotId);
    }

    /// <summary>False when a later full snapshot spoke for the audience already.</summary>
    private static async Task<bool> MayAssertAsync(DbSession session, (string, object?)[] parameters, bool isFull, CancellationToken cancellationToken) => isFull
        ? await session.ScalarAsync(AssertSql, cancellationToken, parameters) is not null
        : await session.ScalarAsync("SELECT 1 FROM audiences WHERE audience = @audience AND asserted_at > @stated", cancellationToken, parameters) is null;

    /// <summary>Sets the memberships of the next piece; false when all are set.</summary>
    private static async Task<bool> SetNamedAsync(DbSession session, SnapshotProgress progress, (string, object?)[] parameters, int limit, CancellationToken cancellationToken)
    {
        (string, object?)[] piece = [("snapshot", progress.SnapshotId), ("after", progress.SetUntil), ("limit", limit)];
        if (await session.ScalarAsync(
            "SELECT max(profile_id) FROM (SELECT profile_id FROM snapshot_members WHERE snapshot_id = @snapshot AND profile_id > @after ORDER BY profile_id LIMIT @limit)", cancellationToken, piece) is not long until)
        {
            return false;
        }

        (string, object?)[] all = [.. parameters, ("after", progress.SetUntil), ("until", until)];
        await session.ExecuteAsync(MarkNamedSql, cancellationToken, all);
        await session.ExecuteAsync(NamedSql, cancellationToken, all);
        await session.ExecuteAsync("UPDATE snapshots SET set_until = @until WHERE snapshot_id = @snapshot", cancellationToken, ("snapshot", progress.SnapshotId), ("until", until));
        return true;
    }

    private static async Task SetUnnamedAsync(HubDbContext db, DbSession session, SnapshotProgress progress, (string, object?)[] parameters, DateTimeOffset at, CancellationToken cancellationToken)
    {
        if (progress.IsFull)
        {
            await session.ExecuteAsync(MarkUnnamedSql, cancellationToken, parameters);
            await session.ExecuteAsync(EndUnnamedSql, cancellationToken, parameters);
        }

        await GroupedMemberships.ArrangeAsync(db, await GroupedMemberships.StateAsync(db, progress, at, cancellationToken), cancellationToken);
    }

    private static Task<int> EndAsync(DbSession session, Guid snapshotId, string state, DateTimeOffset? appliedAt, string? code, CancellationToken cancellationToken) =>
        session.ExecuteAsync(EndSql, cancellationToken, ("snapshot", snapshotId), ("state", state), ("applied", appliedAt), ("code", code));
}
