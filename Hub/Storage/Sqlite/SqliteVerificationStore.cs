using System.Data.Common;
using System.Globalization;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Erasures;
using IntegrationHub.Storage.Verification;

namespace IntegrationHub.Storage.Sqlite;

/// <summary>Read-back and comparison on SQLite. In the statements <c>{key}</c> stands for the column that the identity key comes from, <c>{members}</c> for the people whom they are about.</summary>
internal sealed class SqliteVerificationStore(Tombstones tombstones, TimeProvider time) : IVerificationStore
{
    private const string WholeAudience =
        """
        FROM destination_members m
        JOIN profiles p ON p.profile_id = m.profile_id
        LEFT JOIN destination_profiles dp ON dp.destination = m.destination AND dp.profile_id = m.profile_id
        WHERE m.destination = @destination AND m.audience = @audience
        """;

    // CROSS JOIN keeps the order: from the run's few people to their rows in an audience that may be a thousand times larger.
    private const string PeopleOfRun =
        """
        FROM outcomes o
        CROSS JOIN destination_members m ON m.destination = @destination AND m.audience = @audience AND m.profile_id = o.profile_id
        JOIN profiles p ON p.profile_id = m.profile_id
        LEFT JOIN destination_profiles dp ON dp.destination = m.destination AND dp.profile_id = m.profile_id
        WHERE o.run_id = @run
        """;

    // Of whom the live lane, or a replay, moved while the members were read, what was read says nothing.
    private const string MovedLive = "(m.run_id IN (@urgent, @live, @replay) AND m.confirmed_at > @since)";

    private const string IsThere =
        $$"""
        (CASE WHEN {{MovedLive}} THEN m.is_member ELSE
         EXISTS (SELECT 1 FROM verification_members v WHERE v.run_id = @run AND v.round = @round AND v.remote_id = dp.remote_id)
         OR EXISTS (SELECT 1 FROM verification_members v WHERE v.run_id = @run AND v.round = @round AND v.key = p.{key}) END)
        """;

    private const string IsNoMember =
        $"""
        NOT EXISTS (
            SELECT 1 FROM destination_members m
            WHERE m.destination = @destination AND m.audience = @audience AND m.profile_id = s.profile_id AND (m.is_member OR {MovedLive}))
        """;

    private const string Told =
        """
        SELECT v.remote_id, v.key, coalesce(
            (SELECT dp.profile_id FROM destination_profiles dp WHERE dp.destination = @destination AND dp.remote_id = v.remote_id),
            (SELECT min(p.profile_id) FROM profiles p WHERE p.tenant_id = 'default' AND p.{key} = v.key)) AS profile_id
        FROM (
            SELECT remote_id, min(key) AS key FROM verification_members WHERE run_id = @run AND round = @round AND remote_id IS NOT NULL GROUP BY remote_id
            UNION
            SELECT remote_id, key FROM verification_members WHERE run_id = @run AND round = @round AND remote_id IS NULL) v
        """;

    private const string ExpectedSql = "SELECT count(*) {members} AND m.is_member";
    private const string FoundSql = $"SELECT count(*) {{members}} AND m.is_member AND {IsThere}";
    private const string StillThereSql = $"SELECT count(*) {{members}} AND {IsStillThere}";
    private const string IsStillThere = $"NOT m.is_member AND m.added_by_hub AND {IsThere}";

    private const string NoteMissingSql =
        $$"""
        INSERT INTO read_back_findings (run_id, kind, profile_id, remote_id)
        SELECT @run, 'missing', m.profile_id, dp.remote_id {members} AND m.is_member AND NOT {{IsThere}} ORDER BY m.profile_id LIMIT @most
        """;

    private const string NoteStillThereSql =
        $$"""
        INSERT INTO read_back_findings (run_id, kind, profile_id, remote_id)
        SELECT @run, 'unexpected', m.profile_id, dp.remote_id {members} AND {{IsStillThere}} ORDER BY m.profile_id LIMIT @most
        """;

    private const string NoteStrangersSql =
        $"""
        INSERT INTO read_back_findings (run_id, kind, profile_id, remote_id, key)
        SELECT @run, 'unexpected', s.profile_id, s.remote_id, CASE WHEN s.remote_id IS NULL THEN s.key END FROM ({Told}) s WHERE {IsNoMember} LIMIT @most
        """;

    private const string MarkStillThereSql =
        $$"""
        INSERT OR IGNORE INTO audience_changes (destination, audience, profile_id)
        SELECT m.destination, m.audience, m.profile_id {members} AND m.run_id = @run AND {{IsStillThere}}
        """;

    private const string KeepStillThereSql =
        $$"""
        UPDATE destination_members SET is_member = 1
        WHERE destination = @destination AND audience = @audience AND profile_id IN (SELECT m.profile_id {members} AND m.run_id = @run AND {{IsStillThere}})
        """;

    private const string StrangersSql = $"SELECT s.remote_id, s.profile_id FROM ({Told}) s WHERE {IsNoMember}";
    private const string CountStrangersSql = $"SELECT count(*) FROM ({StrangersSql})";

    private const string MarkUnseenSql =
        $$"""
        UPDATE destination_profiles SET unseen_since = {now}
        WHERE destination = @destination AND unseen_since IS NULL AND profile_id IN (SELECT m.profile_id {members} AND m.is_member AND m.run_id <> @run AND NOT {{IsThere}})
        """;

    private const string ForgetMissingSql =
        $$"""
        UPDATE destination_members SET is_member = 0, in_doubt = added_by_hub
        WHERE destination = @destination AND audience = @audience AND profile_id IN (SELECT m.profile_id {members} AND m.is_member AND NOT {{IsThere}})
        """;

    private const string MarkMissingSql =
        $$"""
        INSERT OR IGNORE INTO audience_changes (destination, audience, profile_id)
        SELECT m.destination, m.audience, m.profile_id {members} AND m.is_member AND NOT {{IsThere}}
        """;

    private const string ReadExpectedSql =
        $"SELECT m.profile_id, dp.remote_id, p.external_id, p.email {WholeAudience} AND m.is_member AND m.profile_id > @after ORDER BY m.profile_id LIMIT @limit";

    private const string ReadPeopleOfRunSql =
        """
        SELECT o.profile_id, dp.remote_id, p.external_id, p.email
        FROM outcomes o
        JOIN profiles p ON p.profile_id = o.profile_id
        LEFT JOIN destination_profiles dp ON dp.destination = @destination AND dp.profile_id = o.profile_id
        WHERE o.run_id = @run AND o.profile_id > @after
        ORDER BY o.profile_id LIMIT @limit
        """;

    private const string AdoptProfileSql =
        """
        INSERT INTO profiles (tenant_id, attributes, attributes_at, consent, occurred_at, version, updated_at)
        VALUES ('default', '{}', '{}', '{}', @at, 1, @at) RETURNING profile_id
        """;

    private const string AdoptRemoteIdSql =
        """
        INSERT INTO destination_profiles (destination, profile_id, remote_id, run_id) VALUES (@destination, @profile, @remote, @run)
        ON CONFLICT (destination, profile_id) DO UPDATE SET remote_id = coalesce(excluded.remote_id, remote_id), unseen_since = NULL
        """;

    // Whom the hub owes to the live lane, or doubts of, it may have put there itself.
    private const string AdoptMemberSql =
        $"""
        INSERT INTO destination_members AS t (destination, audience, profile_id, is_member, added_by_hub, confirmed_at, run_id)
        VALUES (@destination, @audience, @profile, 1, EXISTS (
            SELECT 1 FROM deliveries WHERE run_id = @stream AND profile_id = @profile AND audience = @audience AND {LiveLane.IsState} AND operation = 2), @at, @run)
        ON CONFLICT (destination, audience, profile_id) DO UPDATE SET
            is_member = 1, added_by_hub = excluded.added_by_hub OR (t.in_doubt AND t.added_by_hub), in_doubt = 0, confirmed_at = excluded.confirmed_at, run_id = excluded.run_id
        """;

    public Task BeginAsync(HubDbContext db, Guid runId, int round, CancellationToken cancellationToken) => EndAsync(db, runId, cancellationToken);

    public async Task StageAsync(HubDbContext db, Guid runId, int round, string destination, IReadOnlyList<RemoteMember> members, CancellationToken cancellationToken)
    {
        members = await ErasedMembers.LeaveOutAsync(db, tombstones, destination, members, time.GetUtcNow(), cancellationToken);
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        await using var insert = session.Command(
            "INSERT INTO verification_members (run_id, round, remote_id, key) VALUES (@run, @round, @remote, @key)",
            ("run", runId), ("round", round), ("remote", null), ("key", null));
        foreach (var member in members)
        {
            insert.Parameters["remote"].Value = member.RemoteId ?? (object)DBNull.Value;
            insert.Parameters["key"].Value = member.Key ?? (object)DBNull.Value;
            await insert.ExecuteNonQueryAsync(cancellationToken);
        }
    }

    public async Task<IReadOnlyList<ExpectedMember>> ReadExpectedAsync(
        HubDbContext db, ReadBack readBack, long afterProfileId, int limit, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return await session.ReadAsync(
            readBack.OnlyPeopleOfRun ? ReadPeopleOfRunSql : ReadExpectedSql,
            reader => new ExpectedMember(reader.GetInt64(0), reader.TextOrNull(1), reader.TextOrNull(2), reader.TextOrNull(3)),
            cancellationToken,
            ("run", readBack.RunId), ("destination", readBack.Destination), ("audience", readBack.Audience), ("after", afterProfileId), ("limit", limit));
    }

    public async Task<VerificationTotals> CompareAsync(
        HubDbContext db, ReadBack readBack, string identityKeyKind, bool strangersAreUnexpected, bool final, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        (string, object?)[] parameters = [("run", readBack.RunId), ("round", readBack.Round), ("destination", readBack.Destination), ("audience", readBack.Audience), ("most", readBack.MostFindings),
            ("urgent", LiveStream.IdOf(readBack.Destination)), ("live", LiveStream.IdOf(readBack.Destination, Lane.Live)), ("replay", LiveStream.IdOf(readBack.Destination, Lane.Replay)), ("since", readBack.Since)];
        await session.ExecuteAsync("DELETE FROM read_back_findings WHERE run_id = @run", cancellationToken, ("run", readBack.RunId));
        var expected = await CountAsync(ExpectedSql);
        var found = await CountAsync(FoundSql);
        var unexpected = await CountAsync(strangersAreUnexpected ? CountStrangersSql : StillThereSql);
        await DoAsync(NoteMissingSql, found < expected);
        await DoAsync(strangersAreUnexpected ? NoteStrangersSql : NoteStillThereSql, unexpected > 0);
        if (final)
        {
            await DoAsync(MarkStillThereSql, true);
            await DoAsync(MarkMissingSql, found < expected);
            await DoAsync(MarkUnseenSql.Replace("{now}", session.Clock, StringComparison.Ordinal), found < expected);
            await DoAsync(ForgetMissingSql, found < expected);
            await DoAsync(KeepStillThereSql, true);
        }

        return new VerificationTotals(expected, found, expected - found, unexpected);

        async Task DoAsync(string sql, bool isNeeded)
        {
            if (isNeeded)
            {
                await session.ExecuteAsync(Statement(sql), cancellationToken, parameters);
            }
        }

        async Task<long> CountAsync(string sql) =>
            Convert.ToInt64(await session.ScalarAsync(Statement(sql), cancellationToken, parameters), CultureInfo.InvariantCulture);

        // lower() of SQLite folds A to Z alone, as what was staged is folded.
        string Statement(string sql) => WithKey(
            sql.Replace("{members}", readBack.OnlyPeopleOfRun ? PeopleOfRun : WholeAudience, StringComparison.Ordinal)
                .Replace("v.key = p.{key}", readBack.FoldsKeys ? "v.key = lower(p.{key})" : "v.key = p.{key}", StringComparison.Ordinal),
            identityKeyKind);
    }

    public async Task<long> AdoptStrangersAsync(
        HubDbContext db, Guid runId, int round, string destination, string audience, string identityKeyKind, DateTimeOffset at, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        var strangers = await session.ReadAsync(
            WithKey($"{StrangersSql} ORDER BY s.remote_id DESC", identityKeyKind), Stranger, cancellationToken, ("run", runId), ("round", round), ("destination", destination), ("audience", audience),
            ("urgent", LiveStream.IdOf(destination)), ("live", LiveStream.IdOf(destination, Lane.Live)), ("replay", LiveStream.IdOf(destination, Lane.Replay)), ("since", at));
        foreach (var (remoteId, known) in strangers)
        {
            var profileId = known ?? (long)(await session.ScalarAsync(AdoptProfileSql, cancellationToken, ("at", at)))!;
            await session.ExecuteAsync(
                AdoptRemoteIdSql, cancellationToken, ("destination", destination), ("profile", profileId), ("remote", remoteId), ("run", runId));
            await session.ExecuteAsync(
                AdoptMemberSql, cancellationToken,
                ("destination", destination), ("audience", audience), ("profile", profileId), ("at", at), ("run", runId), ("stream", LiveStream.IdOf(destination, Lane.Live)));
        }

        return strangers.Count;
    }

    public async Task EndAsync(HubDbContext db, Guid runId, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        await session.ExecuteAsync("DELETE FROM verification_members WHERE run_id = @run", cancellationToken, ("run", runId));
    }

    private static (string? RemoteId, long? ProfileId) Stranger(DbDataReader reader) => (reader.TextOrNull(0), reader.IsDBNull(1) ? null : reader.GetInt64(1));

    private static string WithKey(string sql, string identityKeyKind) => sql.Replace("{key}", IdentityKey.ColumnOf(identityKeyKind), StringComparison.Ordinal);
}
