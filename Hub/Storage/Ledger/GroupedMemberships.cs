using System.Data.Common;
using System.Text.Json;
using IntegrationHub.Storage.Sqlite;

namespace IntegrationHub.Storage.Ledger;

/// <summary>
/// Memberships of people who have several profiles: joined with them, and parted with them exactly as they were. A fixed number of statements, and none where nobody has several.
/// The caller holds the ledger's lock.
/// </summary>
internal static class GroupedMemberships
{
    // Step by step through the index: there are few audiences, and many memberships.
    private const string Audiences =
        """
        WITH RECURSIVE a AS (
            SELECT (SELECT min(audience) FROM memberships) AS audience
            UNION ALL SELECT (SELECT min(m.audience) FROM memberships m WHERE m.audience > a.audience) FROM a WHERE a.audience IS NOT NULL)
        """;

    /// <summary>Before profiles are joined: what was stated of those that stood alone is kept as theirs.</summary>
    public static async Task KeepAsync(HubDbContext db, IReadOnlyCollection<long> profileIds, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        await session.ExecuteAsync(
            $"""
            {Audiences}
            INSERT INTO identity_memberships (profile_id, audience, is_member, since, occurred_at)
            SELECT m.profile_id, m.audience, m.is_member, m.since, m.occurred_at FROM {session.Rows(("profile_id", "bigint"))} r CROSS JOIN a
            {session.Lookup("profiles", "p", "p.profile_id = r.profile_id AND p.person_id IS NULL")}
            {session.Lookup("memberships", "m", "m.audience = a.audience AND m.profile_id = r.profile_id")}
            WHERE NOT EXISTS (SELECT 1 FROM profiles f WHERE f.person_id = r.profile_id)
            ON CONFLICT DO NOTHING
            """,
            cancellationToken,
            ("rows", Ids(profileIds)));
    }

    /// <summary>Profiles that show other ones too.</summary>
    public static async Task<IReadOnlySet<long>> FindShownAsync(HubDbContext db, IEnumerable<long> profileIds, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return (await FollowersAsync(session, profileIds, cancellationToken)).Select(follower => follower.PersonId).ToHashSet();
    }

    /// <summary>Writes what was stated of profiles of people who have several, unless something later is known.</summary>
    public static async Task StateAsync(HubDbContext db, IEnumerable<MembershipRow> memberships, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        var flag = session.IsSqlite ? "r.is_member" : "r.is_member <> 0";
        await session.ExecuteAsync(
            $"""
            INSERT INTO identity_memberships AS m (profile_id, audience, is_member, since, occurred_at)
            SELECT r.profile_id, r.audience, {flag}, @now, {TimeOf(session, "r.occurred_at")}
            FROM {session.Rows(("profile_id", "bigint"), ("audience", "text"), ("is_member", "integer"), ("occurred_at", "bigint"))} r LEFT JOIN audiences a ON a.audience = r.audience
            WHERE a.audience IS NULL OR {TimeOf(session, "r.occurred_at")} > a.asserted_at
            ON CONFLICT (profile_id, audience) DO UPDATE SET
                since = CASE WHEN m.is_member = excluded.is_member THEN m.since ELSE excluded.since END, is_member = excluded.is_member, occurred_at = excluded.occurred_at
                WHERE excluded.occurred_at > m.occurred_at OR (excluded.occurred_at = m.occurred_at AND excluded.is_member AND NOT m.is_member)
            """,
            cancellationToken,
            ("now", now),
            ("rows", JsonRows.Of(memberships, (writer, row) =>
            {
                writer.WriteNumberValue(row.ProfileId);
                writer.WriteStringValue(row.Audience);
                writer.WriteNumberValue(row.IsMember ? 1 : 0);
                WriteTime(writer, session, row.OccurredAt);
            })));
    }

    /// <summary>A list has spoken for an audience: what it says of each id of people who have several; a full one of every id that it does not name, too.</summary>
    /// <returns>Profiles that show people who have several ids.</returns>
    public static async Task<IReadOnlyList<long>> StateAsync(HubDbContext db, SnapshotProgress snapshot, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        var shown = await session.ReadAsync("SELECT DISTINCT person_id FROM profiles WHERE person_id IS NOT NULL AND external_id IS NOT NULL", row => row.GetInt64(0), cancellationToken);
        if (shown.Count == 0)
        {
            return shown;
        }

        const string Stated =
            """
            WITH grouped AS (
                SELECT profile_id, external_id FROM profiles WHERE person_id IS NOT NULL AND external_id IS NOT NULL
                UNION SELECT w.profile_id, w.external_id FROM profiles f JOIN profiles w ON w.profile_id = f.person_id WHERE f.person_id IS NOT NULL AND f.external_id IS NOT NULL),
            listed AS (SELECT g.profile_id, s.is_member FROM grouped g JOIN snapshot_rows s ON s.snapshot_id = @snapshot AND s.external_id = g.external_id)
            """;
        const string Write =
            """
            ON CONFLICT (profile_id, audience) DO UPDATE SET
                since = CASE WHEN m.is_member = excluded.is_member THEN m.since ELSE excluded.since END, is_member = excluded.is_member, occurred_at = excluded.occurred_at
                WHERE excluded.occurred_at >= m.occurred_at
            """;
        (string, object?)[] parameters = [("snapshot", snapshot.SnapshotId), ("audience", snapshot.Audience), ("now", now), ("stated", snapshot.CreatedAt)];
        await session.ExecuteAsync(
            $"{Stated} INSERT INTO identity_memberships AS m (profile_id, audience, is_member, since, occurred_at) SELECT profile_id, @audience, is_member, @now, @stated FROM listed WHERE true {Write}",
            cancellationToken, parameters);
        if (snapshot.IsFull)
        {
            await session.ExecuteAsync(
                $"""
                {Stated} UPDATE identity_memberships SET is_member = {(session.IsSqlite ? "0" : "false")}, since = @now, occurred_at = @stated
                WHERE audience = @audience AND is_member AND occurred_at <= @stated AND profile_id NOT IN (SELECT profile_id FROM listed)
                    AND profile_id NOT IN ({Unread(session)})
                """,
                cancellationToken, parameters);
        }

        return shown;
    }

    /// <summary>After profiles were joined or parted, or something was stated of them: shown is what they say together, and those that are not shown are members of nothing.</summary>
    /// <param name="db">The context with its open transaction.</param>
    /// <param name="touched">Profiles of people who have several, or had until now.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public static async Task ArrangeAsync(HubDbContext db, IReadOnlyCollection<long> touched, CancellationToken cancellationToken)
    {
        if (touched.Count == 0)
        {
            return;
        }

        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        var shown = await ShownAsync(session, touched, cancellationToken);
        var groups = await GroupsAsync(session, shown, cancellationToken);
        long[] everybody = [.. shown.Concat(groups.SelectMany(group => group)).Distinct()];
        var stated = (await LoadAsync(session, "identity_memberships", everybody, cancellationToken)).ToLookup(membership => membership.ProfileId);
        var now = (await LoadAsync(session, "memberships", everybody, cancellationToken)).ToDictionary(membership => (membership.ProfileId, membership.Audience));
        var wanted = shown.SelectMany(one => GroupedMembership.Fold(one, groups[one].Prepend(one).SelectMany(id => stated[id]))).ToDictionary(membership => (membership.ProfileId, membership.Audience));
        List<GroupedMembership> gone = [.. now.Where(membership => !wanted.ContainsKey(membership.Key)).Select(membership => membership.Value)];
        List<GroupedMembership> changed = [.. wanted.Where(membership => !now.TryGetValue(membership.Key, out var known) || known != membership.Value).Select(membership => membership.Value)];
        await WriteAsync(session, changed, gone, cancellationToken);
        await MarkAsync(session, gone.Where(membership => membership.IsMember).Concat(changed.Where(membership => membership.IsMember != (now.TryGetValue((membership.ProfileId, membership.Audience), out var known) && known.IsMember))), cancellationToken);
        await session.ExecuteAsync(
            $"DELETE FROM identity_memberships WHERE profile_id IN (SELECT profile_id FROM {session.Rows(("profile_id", "bigint"))} r)", cancellationToken, ("rows", Ids(shown.Where(one => !groups.Contains(one)))));
    }

    private static async Task WriteAsync(DbSession session, List<GroupedMembership> changed, List<GroupedMembership> gone, CancellationToken cancellationToken)
    {
        if (gone.Count > 0)
        {
            await session.ExecuteAsync(
                $"DELETE FROM memberships WHERE (audience, profile_id) IN (SELECT audience, profile_id FROM {session.Rows(("audience", "text"), ("profile_id", "bigint"))} r)", cancellationToken, ("rows", Pairs(gone)));
        }

        if (changed.Count > 0)
        {
            await session.ExecuteAsync(
                $"""
                INSERT INTO memberships (audience, profile_id, is_member, since, occurred_at)
                SELECT r.audience, r.profile_id, {(session.IsSqlite ? "r.is_member" : "r.is_member <> 0")}, {TimeOf(session, "r.since")}, {TimeOf(session, "r.occurred_at")}
                FROM {session.Rows(("audience", "text"), ("profile_id", "bigint"), ("is_member", "integer"), ("since", "bigint"), ("occurred_at", "bigint"))} r WHERE true
                ON CONFLICT (audience, profile_id) DO UPDATE SET is_member = excluded.is_member, since = excluded.since, occurred_at = excluded.occurred_at
                """,
                cancellationToken,
                ("rows", JsonRows.Of(changed, (writer, row) =>
                {
                    writer.WriteStringValue(row.Audience);
                    writer.WriteNumberValue(row.ProfileId);
                    writer.WriteNumberValue(row.IsMember ? 1 : 0);
                    WriteTime(writer, session, row.Since);
                    WriteTime(writer, session, row.OccurredAt);
                })));
        }
    }

    private static async Task MarkAsync(DbSession session, IEnumerable<GroupedMembership> changed, CancellationToken cancellationToken)
    {
        await session.ExecuteAsync(
            $"""
            INSERT INTO audience_changes (destination, audience, profile_id)
            SELECT a.destination, r.audience, r.profile_id FROM {session.Rows(("audience", "text"), ("profile_id", "bigint"))} r JOIN audience_routes a ON a.audience = r.audience WHERE true
            ON CONFLICT DO NOTHING
            """,
            cancellationToken,
            ("rows", Pairs(changed)));
    }

    /// <summary>The profiles that show the given ones: a profile may be shown by one that is itself shown by another.</summary>
    private static async Task<HashSet<long>> ShownAsync(DbSession session, IEnumerable<long> profileIds, CancellationToken cancellationToken)
    {
        var (shown, above) = (profileIds.ToHashSet(), profileIds.ToHashSet());
        while (above.Count > 0)
        {
            var followers = await session.ReadAsync(
                $"SELECT r.profile_id, p.person_id FROM {session.Rows(("profile_id", "bigint"))} r {session.Lookup("profiles", "p", "p.profile_id = r.profile_id")} WHERE p.person_id IS NOT NULL",
                row => (ProfileId: row.GetInt64(0), PersonId: row.GetInt64(1)), cancellationToken, ("rows", Ids(above)));
            above = [.. followers.Select(follower => follower.PersonId).Where(shown.Add)];
            shown.ExceptWith(followers.Select(follower => follower.ProfileId));
        }

        return shown;
    }

    /// <summary>All profiles that each of the given ones shows, through others too.</summary>
    private static async Task<ILookup<long, long>> GroupsAsync(DbSession session, IReadOnlyCollection<long> shown, CancellationToken cancellationToken)
    {
        var shownBy = shown.ToDictionary(id => id, id => id);
        IReadOnlyCollection<long> above = shown;
        while (above.Count > 0)
        {
            var followers = await FollowersAsync(session, above, cancellationToken);
            above = [.. followers.Where(follower => shownBy.TryAdd(follower.ProfileId, shownBy[follower.PersonId])).Select(follower => follower.ProfileId)];
        }

        return shownBy.Where(profile => profile.Key != profile.Value).ToLookup(profile => profile.Value, profile => profile.Key);
    }

    private static Task<List<(long ProfileId, long PersonId)>> FollowersAsync(DbSession session, IEnumerable<long> profileIds, CancellationToken cancellationToken) => session.ReadAsync(
        $"SELECT f.profile_id, f.person_id FROM {session.Rows(("profile_id", "bigint"))} r {session.Lookup("profiles", "f", "f.person_id = r.profile_id")}",
        row => (row.GetInt64(0), row.GetInt64(1)), cancellationToken, ("rows", Ids(profileIds)));

    private static Task<List<GroupedMembership>> LoadAsync(DbSession session, string table, IEnumerable<long> profileIds, CancellationToken cancellationToken) => session.ReadAsync(
        table == "memberships"
            ? $"{Audiences} SELECT m.profile_id, m.audience, m.is_member, m.since, m.occurred_at FROM {session.Rows(("profile_id", "bigint"))} r CROSS JOIN a {session.Lookup(table, "m", "m.audience = a.audience AND m.profile_id = r.profile_id")}"
            : $"SELECT m.profile_id, m.audience, m.is_member, m.since, m.occurred_at FROM {session.Rows(("profile_id", "bigint"))} r {session.Lookup(table, "m", "m.profile_id = r.profile_id")}",
        Read, cancellationToken, ("rows", Ids(profileIds)));

    private static GroupedMembership Read(DbDataReader row) => new(row.GetInt64(0), row.GetString(1), row.GetBoolean(2), row.Time(3), row.Time(4));

    private static string Unread(DbSession session) => session.IsSqlite
        ? "SELECT p.profile_id FROM snapshot_rejects j CROSS JOIN json_each(j.external_ids) e JOIN profiles p ON p.tenant_id = 'default' AND p.external_id = e.value WHERE j.snapshot_id = @snapshot"
        : "SELECT p.profile_id FROM snapshot_rejects j CROSS JOIN LATERAL jsonb_array_elements_text(j.external_ids::jsonb) AS e(external_id) JOIN profiles p ON p.tenant_id = 'default' AND p.external_id = e.external_id WHERE j.snapshot_id = @snapshot";

    private static string TimeOf(DbSession session, string column) => session.IsSqlite ? column : $"(TIMESTAMPTZ 'epoch' + {column} * INTERVAL '1 microsecond')";

    private static void WriteTime(Utf8JsonWriter writer, DbSession session, DateTimeOffset at) =>
        writer.WriteNumberValue(session.IsSqlite ? at.UtcTicks : (at.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks) / TimeSpan.TicksPerMicrosecond);

    private static string Ids(IEnumerable<long> ids) => JsonRows.Of(ids.Distinct(), (writer, id) => writer.WriteNumberValue(id));

    private static string Pairs(IEnumerable<GroupedMembership> memberships) => JsonRows.Of(memberships, (writer, row) =>
    {
        writer.WriteStringValue(row.Audience);
        writer.WriteNumberValue(row.ProfileId);
    });
}
