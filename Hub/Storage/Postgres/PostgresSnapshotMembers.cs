using IntegrationHub.Storage.Ledger;

namespace IntegrationHub.Storage.Postgres;

/// <summary>What the list of a snapshot says of an audience, on PostgreSQL: its memberships piece by piece, then everybody whom a full list does not name.</summary>
internal static class PostgresSnapshotMembers
{
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

    /// <summary>Sets the memberships of the next piece; false when all are set.</summary>
    public static async Task<bool> SetNamedAsync(PostgresSession session, SnapshotProgress progress, int limit, DateTimeOffset at, CancellationToken cancellationToken)
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

    /// <summary>Ends the memberships of whoever a full list does not name, and puts the groups of people in order.</summary>
    public static async Task SetUnnamedAsync(HubDbContext db, PostgresSession session, SnapshotProgress progress, DateTimeOffset at, CancellationToken cancellationToken)
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
    public static async Task<bool> AssertAsync(PostgresSession session, SnapshotProgress progress, CancellationToken cancellationToken)
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
}
