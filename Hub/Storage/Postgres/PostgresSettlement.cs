using IntegrationHub.Storage.DeadLetters;
using IntegrationHub.Storage.Deliveries;

namespace IntegrationHub.Storage.Postgres;

/// <summary>Settling a claim on PostgreSQL: one statement for everything a claim changes, receipts of events among it, one more to learn whether a run is drained.</summary>
internal static class PostgresSettlement
{
    // Rows that are already gone (the run was canceled meanwhile) keep the outcome they have; what the vendor confirmed is
    // recorded all the same. A live stream keeps each person's latest outcome and no tallies, and of state not even that (LiveCounts). A profile appears once per claim of a run and
    // may have several events in one: of those the latest counts, each that will not arrive is a dead letter of its own, and a run's tallies count each.
    private const string SettleSql =
        $"""
        WITH fence AS MATERIALIZED (
            SELECT 1 FROM leases
            WHERE destination = $1 AND lane = $2 AND partition = $3 AND owner = $4 AND epoch = $5 FOR UPDATE),
        input AS MATERIALIZED (
            SELECT i.* FROM fence CROSS JOIN unnest($7::bigint[], $8::uuid[], $9::bigint[], $10::text[], $11::smallint[], $12::text[], $13::text[],
                $14::timestamptz[], $15::integer[], $16::text[], $17::boolean[], $18::uuid[], $19::text[], $20::bigint[], $23::uuid[],
                $24::boolean[], $25::uuid[], $26::boolean[], $27::boolean[], $28::integer[], $29::bigint[], $30::bigint[])
                AS i(delivery_id, run_id, profile_id, audience, operation, outcome, code,
                     due_at, cost, remote_id, forget, content_hash, plan_version, profile_version, event_id,
                     maybe, key_hash, moves, is_member, policy_id, decided_position, config_version)),
        gone AS (
            DELETE FROM deliveries d USING input i
            WHERE i.outcome IS NOT NULL AND d.run_id = i.run_id AND d.partition = $3 AND d.delivery_id = i.delivery_id
            RETURNING i.*, d.attempt + i.cost AS attempts, d.fact_position, d.fact_received_at, d.letter_id, d.named_key, d.other_profile_id, d.sending_since),
        settled AS (
            INSERT INTO outcomes (run_id, profile_id, destination, audience, operation, outcome, code, attempts, at, policy_id, decided_position, config_version)
            SELECT DISTINCT ON (run_id, profile_id) run_id, profile_id, $1, audience, operation, outcome, code, attempts, $6, policy_id, decided_position, config_version
            FROM gone WHERE letter_id IS NULL AND (run_id <> $22 OR operation > 3) ORDER BY run_id, profile_id, delivery_id DESC
            ON CONFLICT (run_id, profile_id) DO UPDATE SET
                operation = EXCLUDED.operation, outcome = EXCLUDED.outcome, code = EXCLUDED.code, attempts = EXCLUDED.attempts, at = EXCLUDED.at,
                policy_id = EXCLUDED.policy_id, decided_position = EXCLUDED.decided_position, config_version = EXCLUDED.config_version
                WHERE outcomes.run_id = $22 OR EXCLUDED.operation = 5
            RETURNING run_id, profile_id, audience, operation, outcome, code, attempts),
        later AS (
            UPDATE deliveries d SET due_at = i.due_at, attempt = d.attempt + i.cost, last_code = i.code, sending_since = NULL, maybe_sent = d.maybe_sent OR i.maybe
            FROM input i
            WHERE i.outcome IS NULL AND d.run_id = i.run_id AND d.partition = $3 AND d.delivery_id = i.delivery_id
            RETURNING i.delivery_id),
        counted AS (
            SELECT run_id, outcome, code FROM settled WHERE run_id <> $22 AND operation <> 5
            UNION ALL SELECT run_id, outcome, code FROM gone WHERE run_id <> $22 AND operation = 5),
        tallied AS (
            INSERT INTO run_tallies (run_id, outcome, code, count, at)
            SELECT run_id, outcome, coalesce(code, ''), count(*), $6 FROM counted GROUP BY 1, 2, 3),
        dead AS (
            INSERT INTO dead_letters (run_id, destination, audience, profile_id, operation, outcome, code, attempts, at, event_id, fact_position, fact_received_at, named_key, other_profile_id, sent_at)
            SELECT run_id, $1, audience, profile_id, operation, outcome, coalesce(code, ''), attempts, $6, event_id, fact_position, fact_received_at, named_key, other_profile_id, sending_since
            FROM gone WHERE letter_id IS NULL AND outcome IN ('rejected', 'dead_lettered')),
        answered AS (
            UPDATE dead_letters l SET {LetterAnswer.Numbered} FROM gone g WHERE l.dead_letter_id = g.letter_id AND l.status = 'replaying'),
        succeeded AS (
            INSERT INTO last_successes (destination, operation, lane, partition, at)
            SELECT DISTINCT $1, operation, $2, $3, $6 FROM gone WHERE outcome = 'delivered'
            ON CONFLICT (destination, operation, lane, partition) DO UPDATE SET at = EXCLUDED.at),
        told AS (
            INSERT INTO event_receipts (destination, position, outcome, at, run_id)
            SELECT $1, fact_position, outcome, $6, nullif(run_id, $22) FROM gone WHERE fact_position IS NOT NULL),
        known AS (
            INSERT INTO destination_profiles AS t
                (destination, profile_id, remote_id, content_hash, profile_version, plan_version, confirmed_at, run_id, key_hash)
            SELECT DISTINCT ON (i.profile_id) $1, i.profile_id, i.remote_id, i.content_hash,
                CASE WHEN i.content_hash IS NOT NULL THEN i.profile_version END,
                CASE WHEN i.content_hash IS NOT NULL THEN i.plan_version END,
                CASE WHEN i.content_hash IS NOT NULL THEN $6 END,
                i.run_id, i.key_hash
            FROM input i
            WHERE i.remote_id IS NOT NULL OR i.forget OR i.content_hash IS NOT NULL OR i.maybe
            ORDER BY i.profile_id, i.delivery_id DESC
            ON CONFLICT (destination, profile_id) DO UPDATE SET
                remote_id = CASE WHEN EXCLUDED.remote_id IS NOT NULL THEN EXCLUDED.remote_id
                    WHEN EXCLUDED.profile_id = ANY ($21::bigint[]) THEN NULL ELSE t.remote_id END,
                content_hash = coalesce(EXCLUDED.content_hash, t.content_hash),
                profile_version = coalesce(EXCLUDED.profile_version, t.profile_version),
                plan_version = coalesce(EXCLUDED.plan_version, t.plan_version),
                confirmed_at = coalesce(EXCLUDED.confirmed_at, t.confirmed_at),
                key_hash = coalesce(EXCLUDED.key_hash, t.key_hash),
                unseen_since = CASE WHEN EXCLUDED.content_hash IS NULL AND (EXCLUDED.remote_id IS NULL OR EXCLUDED.remote_id IS NOT DISTINCT FROM t.remote_id) THEN t.unseen_since END,
                run_id = EXCLUDED.run_id),
        members AS (
            INSERT INTO destination_members AS t (destination, audience, profile_id, is_member, added_by_hub, confirmed_at, run_id)
            SELECT DISTINCT ON (i.audience, i.profile_id) $1, i.audience, i.profile_id, i.is_member, i.is_member, $6, i.run_id
            FROM input i
            WHERE i.moves
            ORDER BY i.audience, i.profile_id, i.delivery_id DESC
            ON CONFLICT (destination, audience, profile_id) DO UPDATE SET
                is_member = EXCLUDED.is_member,
                added_by_hub = CASE WHEN t.is_member OR (t.in_doubt AND EXCLUDED.is_member) THEN t.added_by_hub ELSE EXCLUDED.added_by_hub END,
                in_doubt = false,
                confirmed_at = EXCLUDED.confirmed_at,
                run_id = EXCLUDED.run_id),
        doubted AS (
            INSERT INTO destination_members AS t (destination, audience, profile_id, is_member, added_by_hub, in_doubt, confirmed_at, run_id)
            SELECT DISTINCT ON (i.audience, i.profile_id) $1, i.audience, i.profile_id, false, true, true, $6, i.run_id
            FROM input i
            WHERE i.maybe AND i.operation IN (2, 3) AND NOT i.moves
              AND (i.outcome IS NOT NULL OR NOT EXISTS (SELECT 1 FROM later l WHERE l.delivery_id = i.delivery_id))
            ORDER BY i.audience, i.profile_id, i.delivery_id DESC
            ON CONFLICT (destination, audience, profile_id) DO UPDATE SET is_member = false, in_doubt = true, added_by_hub = t.added_by_hub OR NOT t.is_member
                WHERE NOT t.is_member OR EXISTS (
                    SELECT 1 FROM input o WHERE o.maybe AND o.operation = 3 AND o.profile_id = EXCLUDED.profile_id AND o.audience = EXCLUDED.audience))
        SELECT NULL::uuid, count(*) FROM fence
        UNION ALL
        SELECT run_id, count(*) FROM counted GROUP BY 1
        """;

    // What follows the claim is looked at first: before it lie the remains of every row that is gone, which a scan from the start has to pass.
    private const string EmptiedSql =
        """
        SELECT r FROM unnest($1::uuid[]) AS r
        WHERE CASE WHEN EXISTS (SELECT 1 FROM deliveries d WHERE d.run_id = r AND d.partition = $2 AND d.delivery_id > $3) THEN false
            ELSE NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.run_id = r AND d.partition = $2) END
        ORDER BY r
        """;

    private const string LockRunsSql = "SELECT pg_advisory_xact_lock($2, hashtext(r::text)) FROM unnest($1::uuid[]) AS r";

    private const string DrainedSql = "SELECT r FROM unnest($1::uuid[]) AS r WHERE NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.run_id = r)";

    public static async Task<IReadOnlyList<SettledRun>?> SettleAsync(
        HubDbContext db, Lease lease, IReadOnlyList<Settlement> settlements, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var session = await PostgresSession.OpenInTransactionAsync(db, cancellationToken);
        var settled = await WriteAsync(session, lease, settlements, now, cancellationToken);
        if (settled is null || settled.Count == 0)
        {
            return settled is null ? null : [];
        }

        var drained = await DrainedAsync(session, [.. settled.Keys], lease.Partition, settlements.Max(settlement => settlement.Delivery.DeliveryId), cancellationToken);
        return [.. settled.Select(run => new SettledRun(run.Key, run.Value, drained.Contains(run.Key)))];
    }

    private static async Task<Dictionary<Guid, int>?> WriteAsync(
        PostgresSession session, Lease lease, IReadOnlyList<Settlement> settlements, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var command = session.Command(SettleSql)
            .Text(lease.Destination).Text(lease.Lane).Int(lease.Partition).Text(lease.Owner).Long(lease.Epoch).Time(now)
            .Longs(settlements.Column(s => s.Delivery.DeliveryId))
            .Ids(settlements.Column(s => s.Delivery.RunId))
            .Longs(settlements.Column(s => s.Delivery.ProfileId))
            .Texts(settlements.Column<Settlement, string?>(s => s.Delivery.Audience))
            .Smalls(settlements.Column(s => s.Delivery.Operation.ToCode()))
            .Texts(settlements.Column(s => s.Outcome))
            .Texts(settlements.Column(s => s.Code))
            .Times(settlements.Column<Settlement, DateTimeOffset?>(s => s.Outcome is null ? s.DueAt ?? now : null))
            .Ints(settlements.Column(SettlementEffects.CostOf))
            .Texts(settlements.Column(s => s.RemoteId))
            .Bools(settlements.Column(s => s.ForgetRemoteId))
            .OptionalIds(settlements.Column(SettlementEffects.ConfirmedHashOf))
            .Texts(settlements.Column(s => s.PlanVersion))
            .Longs(settlements.Column(s => s.Delivery.ProfileVersion))
            .Longs([.. settlements.Where(s => s.ForgetRemoteId).Select(s => s.Delivery.ProfileId)])
            .Id(LiveStream.IdOf(lease.Destination, lease.Lane))
            .OptionalIds(settlements.Column(s => s.Delivery.EventId))
            .Bools(settlements.Column(s => s.MaybeSent))
            .OptionalIds(settlements.Column(s => s.KeyHash))
            .Bools(settlements.Column(SettlementEffects.ChangesMembership))
            .Bools(settlements.Column(SettlementEffects.IsMember))
            .OptionalInts(settlements.Column(s => s.Delivery.Decided?.PolicyId))
            .OptionalLongs(settlements.Column(s => s.Delivery.Decided?.Position))
            .OptionalLongs(settlements.Column(s => s.Delivery.Decided?.ConfigVersion));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var settled = new Dictionary<Guid, int>();
        var fenced = false;
        while (await reader.ReadAsync(cancellationToken))
        {
            if (reader.IsDBNull(0))
            {
                fenced = reader.GetInt64(1) == 1;
            }
            else
            {
                settled.Add(reader.GetGuid(0), (int)reader.GetInt64(1));
            }
        }

        return fenced ? settled : null;
    }

    /// <summary>
    /// Runs that have nothing pending once this transaction commits. Only who empties its own partition looks at the others, one after
    /// the other per run: the last one sees what the earlier ones have committed, so the end of a run is noticed by exactly one.
    /// </summary>
    private static async Task<HashSet<Guid>> DrainedAsync(PostgresSession session, Guid[] runs, int partition, long lastOfClaim, CancellationToken cancellationToken)
    {
        var emptied = new List<Guid>();
        await using (var command = session.Command(EmptiedSql).Ids(runs).Int(partition).Long(lastOfClaim))
        await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                emptied.Add(reader.GetGuid(0));
            }
        }

        var drained = new HashSet<Guid>();
        if (emptied.Count == 0)
        {
            return drained;
        }

        await using (var command = session.Command(LockRunsSql).Ids([.. emptied]).Int(AdvisoryLock.RunEnd))
        {
            await command.ExecuteNonQueryAsync(cancellationToken);
        }

        await using (var command = session.Command(DrainedSql).Ids([.. emptied]))
        await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
        {
            while (await reader.ReadAsync(cancellationToken))
            {
                drained.Add(reader.GetGuid(0));
            }
        }

        return drained;
    }
}
