using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Erasures;
using IntegrationHub.Storage.Verification;
using NpgsqlTypes;

namespace IntegrationHub.Storage.Postgres;

/// <summary>Read-back comparisons on PostgreSQL.</summary>
internal sealed class PostgresVerificationStore(Tombstones tombstones, TimeProvider time) : IVerificationStore
{
    // Of whom a pressing lane, or a replay, moved while the members were read, what was read says nothing.
    // Joins with distinct sets only: the planner knows that they multiply nothing. What it takes for billions of rows it would split into ten thousands of files.
    private const string CompareSql =
        """
        WITH believed AS MATERIALIZED (
            {believed}),
        told AS (
            SELECT remote_id, key FROM verification_members WHERE run_id = $1 AND round = $2),
        checked AS MATERIALIZED (
            SELECT b.profile_id, b.is_member, b.added_by_hub, b.run_id, b.remote_id,
                CASE WHEN b.moved_live THEN b.is_member ELSE r.remote_id IS NOT NULL OR k.key IS NOT NULL END AS is_there
            FROM believed b
            LEFT JOIN (SELECT DISTINCT remote_id FROM told WHERE remote_id IS NOT NULL) r ON r.remote_id = b.remote_id
            LEFT JOIN (SELECT DISTINCT key FROM told WHERE key IS NOT NULL) k ON k.key = b.key),
        strangers AS MATERIALIZED (
            SELECT DISTINCT t.remote_id, CASE WHEN t.remote_id IS NULL THEN t.key END AS key
            FROM told t
            LEFT JOIN (SELECT DISTINCT remote_id FROM believed WHERE (is_member OR moved_live) AND remote_id IS NOT NULL) r ON r.remote_id = t.remote_id
            LEFT JOIN (SELECT DISTINCT key FROM believed WHERE (is_member OR moved_live) AND key IS NOT NULL) k ON k.key = t.key
            WHERE $5 AND r.remote_id IS NULL AND k.key IS NULL),
        noted AS (
            INSERT INTO read_back_findings (run_id, kind, profile_id, remote_id, key)
            (SELECT $1, 'missing', profile_id, remote_id, NULL FROM checked WHERE is_member AND NOT is_there ORDER BY profile_id LIMIT $7)
            UNION ALL
            (SELECT $1, 'unexpected', profile_id, remote_id, NULL FROM checked
             WHERE NOT $5 AND NOT is_member AND added_by_hub AND is_there ORDER BY profile_id LIMIT $7)
            UNION ALL
            (SELECT $1, 'unexpected', NULL, remote_id, key FROM strangers ORDER BY remote_id, key LIMIT $7)),
        still_there AS MATERIALIZED (
            SELECT profile_id FROM checked WHERE $6 AND NOT is_member AND added_by_hub AND is_there AND run_id = $1),
        kept AS (
            UPDATE destination_members m SET is_member = true FROM still_there s
            WHERE m.destination = $3 AND m.audience = $4 AND m.profile_id = s.profile_id),
        lost AS (
            UPDATE destination_members m SET is_member = false, in_doubt = m.added_by_hub FROM checked c
            WHERE $6 AND c.is_member AND NOT c.is_there AND m.destination = $3 AND m.audience = $4 AND m.profile_id = c.profile_id),
        unseen AS (
            UPDATE destination_profiles d SET unseen_since = now() FROM checked c
            WHERE $6 AND c.is_member AND NOT c.is_there AND c.run_id IS DISTINCT FROM $1
                AND d.destination = $3 AND d.profile_id = c.profile_id AND d.unseen_since IS NULL),
        marked AS (
            INSERT INTO audience_changes (destination, audience, profile_id)
            SELECT $3, $4, profile_id FROM checked WHERE $6 AND is_member AND NOT is_there
            UNION ALL SELECT $3, $4, profile_id FROM still_there ON CONFLICT DO NOTHING)
        SELECT count(*) FILTER (WHERE is_member),
               count(*) FILTER (WHERE is_member AND is_there),
               count(*) FILTER (WHERE is_member AND NOT is_there),
               CASE WHEN $5 THEN (SELECT count(*) FROM strangers) ELSE count(*) FILTER (WHERE is_there AND NOT is_member AND added_by_hub) END
        FROM checked
        """;

    private const string WholeAudienceSql =
        """
        SELECT m.profile_id, m.is_member, m.added_by_hub, m.run_id, d.remote_id, p.{key} AS key, m.run_id IN ($8, $10, $11) AND m.confirmed_at > $9 AS moved_live
            FROM destination_members m
            JOIN profiles p ON p.profile_id = m.profile_id
            LEFT JOIN destination_profiles d ON d.destination = m.destination AND d.profile_id = m.profile_id
            WHERE m.destination = $3 AND m.audience = $4
        """;

    // Index look-ups per person, whatever the planner thinks of joins: the audience may be a thousand times larger than the run.
    private const string PeopleOfRunSql =
        """
        SELECT o.profile_id, m.is_member, m.added_by_hub, m.run_id, d.remote_id, p.{key} AS key, m.run_id IN ($8, $10, $11) AND m.confirmed_at > $9 AS moved_live
            FROM outcomes o
            CROSS JOIN LATERAL (
                SELECT is_member, added_by_hub, run_id, confirmed_at FROM destination_members
                WHERE destination = $3 AND audience = $4 AND profile_id = o.profile_id OFFSET 0) m
            CROSS JOIN LATERAL (SELECT {key} FROM profiles WHERE profile_id = o.profile_id OFFSET 0) p
            LEFT JOIN LATERAL (
                SELECT remote_id FROM destination_profiles WHERE destination = $3 AND profile_id = o.profile_id OFFSET 0) d ON true
            WHERE o.run_id = $1
        """;

    private const string AdoptSql =
        $$"""
        WITH seen AS MATERIALIZED (
            SELECT DISTINCT remote_id, key FROM verification_members WHERE run_id = $1 AND round = $2),
        matched AS MATERIALIZED (
            SELECT s.remote_id, s.key, coalesce(r.profile_id, k.profile_id) AS profile_id
            FROM seen s
            LEFT JOIN LATERAL (
                SELECT min(profile_id) AS profile_id FROM destination_profiles WHERE destination = $3 AND remote_id = s.remote_id) r ON true
            LEFT JOIN LATERAL (
                SELECT min(profile_id) AS profile_id FROM profiles WHERE tenant_id = 'default' AND {key} = s.key) k ON true),
        strangers AS MATERIALIZED (
            SELECT remote_id, key, profile_id FROM matched m
            WHERE profile_id IS NULL OR NOT EXISTS (
                SELECT 1 FROM destination_members d
                WHERE d.destination = $3 AND d.audience = $4 AND d.profile_id = m.profile_id AND d.is_member)),
        nobody AS MATERIALIZED (
            SELECT nextval(pg_get_serial_sequence('profiles', 'profile_id')) AS profile_id, remote_id, key
            FROM (SELECT remote_id, min(key) AS key FROM strangers WHERE profile_id IS NULL AND remote_id IS NOT NULL GROUP BY remote_id
                  UNION ALL
                  SELECT NULL, key FROM strangers WHERE profile_id IS NULL AND remote_id IS NULL) n),
        bare AS (
            INSERT INTO profiles (profile_id, tenant_id, {key}, attributes, attributes_at, consent, occurred_at, version, updated_at)
            SELECT profile_id, 'default', CASE WHEN remote_id IS NULL THEN key END, '{}', '{}', '{}', $5, 1, $5 FROM nobody),
        people AS MATERIALIZED (
            SELECT DISTINCT ON (profile_id) profile_id, remote_id
            FROM (SELECT profile_id, remote_id FROM nobody
                  UNION ALL SELECT profile_id, remote_id FROM strangers WHERE profile_id IS NOT NULL) a
            ORDER BY profile_id, remote_id),
        known AS (
            INSERT INTO destination_profiles AS t (destination, profile_id, remote_id, run_id)
            SELECT $3, profile_id, remote_id, $1 FROM people WHERE remote_id IS NOT NULL
            ON CONFLICT (destination, profile_id) DO UPDATE SET remote_id = coalesce(EXCLUDED.remote_id, t.remote_id), unseen_since = NULL),
        adopted AS (
            INSERT INTO destination_members AS t (destination, audience, profile_id, is_member, added_by_hub, confirmed_at, run_id)
            SELECT $3, $4, p.profile_id, true, EXISTS (
                SELECT 1 FROM deliveries d WHERE d.run_id = $6 AND d.profile_id = p.profile_id AND d.audience = $4 AND d.{{LiveLane.IsState}} AND d.operation = 2), $5, $1 FROM people p
            ON CONFLICT (destination, audience, profile_id) DO UPDATE
                SET is_member = true, added_by_hub = EXCLUDED.added_by_hub OR (t.in_doubt AND t.added_by_hub), in_doubt = false,
                    confirmed_at = EXCLUDED.confirmed_at, run_id = EXCLUDED.run_id
            RETURNING 1)
        SELECT count(*) FROM adopted
        """;

    private const string MembersSql =
        """
        SELECT profile_id FROM destination_members
        WHERE destination = $1 AND audience = $2 AND is_member AND profile_id > $3 ORDER BY profile_id LIMIT $4
        """;

    private const string ScopeSql = "SELECT profile_id FROM outcomes WHERE run_id = $5 AND profile_id > $3 ORDER BY profile_id LIMIT $4";

    private const string ExpectedSql =
        """
        SELECT m.profile_id, d.remote_id, p.external_id, p.email
        FROM ({people}) m
        CROSS JOIN LATERAL (SELECT external_id, email FROM profiles WHERE profile_id = m.profile_id OFFSET 0) p
        LEFT JOIN LATERAL (SELECT remote_id FROM destination_profiles WHERE destination = $1 AND profile_id = m.profile_id OFFSET 0) d ON true
        ORDER BY m.profile_id
        """;

    private static readonly string _expectedMembers = ExpectedSql.Replace("{people}", MembersSql, StringComparison.Ordinal);
    private static readonly string _expectedOfRun = ExpectedSql.Replace("{people}", ScopeSql, StringComparison.Ordinal);

    public async Task BeginAsync(HubDbContext db, Guid runId, int round, CancellationToken cancellationToken) =>
        await EndAsync(db, runId, cancellationToken);

    public async Task StageAsync(HubDbContext db, Guid runId, int round, string destination, IReadOnlyList<RemoteMember> members, CancellationToken cancellationToken)
    {
        members = await ErasedMembers.LeaveOutAsync(db, tombstones, destination, members, time.GetUtcNow(), cancellationToken);
        if (members.Count == 0)
        {
            return;
        }

        await using var session = await PostgresSession.OpenAsync(db, cancellationToken);
        await using var copy = await session.Connection.BeginBinaryImportAsync(
            "COPY verification_members (run_id, round, remote_id, key) FROM STDIN (FORMAT binary)", cancellationToken);
        foreach (var member in members)
        {
            await copy.StartRowAsync(cancellationToken);
            await copy.WriteAsync(runId, NpgsqlDbType.Uuid, cancellationToken);
            await copy.WriteAsync(round, NpgsqlDbType.Integer, cancellationToken);
            await copy.TextAsync(member.RemoteId, cancellationToken);
            await copy.TextAsync(member.Key, cancellationToken);
        }

        await copy.CompleteAsync(cancellationToken);
    }

    public async Task<IReadOnlyList<ExpectedMember>> ReadExpectedAsync(
        HubDbContext db, ReadBack readBack, long afterProfileId, int limit, CancellationToken cancellationToken)
    {
        await using var session = await PostgresSession.OpenAsync(db, cancellationToken);
        await using var command = session.Command(readBack.OnlyPeopleOfRun ? _expectedOfRun : _expectedMembers)
            .Text(readBack.Destination).Text(readBack.Audience).Long(afterProfileId).Long(limit);
        if (readBack.OnlyPeopleOfRun)
        {
            command.Id(readBack.RunId);
        }

        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var expected = new List<ExpectedMember>();
        while (await reader.ReadAsync(cancellationToken))
        {
            expected.Add(new ExpectedMember(reader.GetInt64(0), reader.TextOrNull(1), reader.TextOrNull(2), reader.TextOrNull(3)));
        }

        return expected;
    }

    public async Task<VerificationTotals> CompareAsync(
        HubDbContext db, ReadBack readBack, string identityKeyKind, bool strangersAreUnexpected, bool final, CancellationToken cancellationToken)
    {
        await using var session = await PostgresSession.OpenInTransactionAsync(db, cancellationToken);
        if (final)
        {
            await PostgresLedgerTables.LockAsync(session, cancellationToken);
        }

        await using (var forget = session.Command("DELETE FROM read_back_findings WHERE run_id = $1").Id(readBack.RunId))
        {
            await forget.ExecuteNonQueryAsync(cancellationToken);
        }

        await session.CompareByHashAsync(cancellationToken);
        var believed = readBack.OnlyPeopleOfRun ? PeopleOfRunSql : WholeAudienceSql;
        var compare = CompareSql.Replace("{believed}", readBack.FoldsKeys ? Folded(believed) : believed, StringComparison.Ordinal)
            .Replace("{key}", IdentityKey.ColumnOf(identityKeyKind), StringComparison.Ordinal);
        await using var command = session.Command(compare)
            .Id(readBack.RunId).Int(readBack.Round).Text(readBack.Destination).Text(readBack.Audience).Bool(strangersAreUnexpected).Bool(final).Int(readBack.MostFindings)
            .Id(LiveStream.IdOf(readBack.Destination, Lane.Live)).Time(readBack.Since).Id(LiveStream.IdOf(readBack.Destination, Lane.Replay))
            .Id(LiveStream.IdOf(readBack.Destination));
        command.CommandTimeout = 0;
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        await reader.ReadAsync(cancellationToken);
        return new VerificationTotals(reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2), reader.GetInt64(3));
    }

    private static string Folded(string believed) => believed.Replace("p.{key} AS key", "lower(p.{key} COLLATE \"C\") AS key", StringComparison.Ordinal);

    public async Task<long> AdoptStrangersAsync(
        HubDbContext db, Guid runId, int round, string destination, string audience, string identityKeyKind, DateTimeOffset at, CancellationToken cancellationToken)
    {
        await using var session = await PostgresSession.OpenInTransactionAsync(db, cancellationToken);
        await PostgresLedgerTables.LockAsync(session, cancellationToken);
        await using var command = session.Command(AdoptSql.Replace("{key}", IdentityKey.ColumnOf(identityKeyKind), StringComparison.Ordinal))
            .Id(runId).Int(round).Text(destination).Text(audience).Time(at).Id(LiveStream.IdOf(destination, Lane.Live));
        command.CommandTimeout = 0;
        return (long)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    public async Task EndAsync(HubDbContext db, Guid runId, CancellationToken cancellationToken)
    {
        await using var session = await PostgresSession.OpenAsync(db, cancellationToken);
        await using var command = session.Command("DELETE FROM verification_members WHERE run_id = $1").Id(runId);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
