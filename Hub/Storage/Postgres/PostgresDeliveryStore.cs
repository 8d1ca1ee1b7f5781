using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Storage.Backfills;
using IntegrationHub.Storage.Configurations;
using IntegrationHub.Storage.DeadLetters;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Sealing;
using Npgsql;

namespace IntegrationHub.Storage.Postgres;

/// <summary>The delivery queue on PostgreSQL.</summary>
internal sealed class PostgresDeliveryStore(PostgresPartitions partitions) : IDeliveryStore
{
    // OFFSET 0 keeps the two look-ups per row index look-ups, whatever the statistics of a queue say at the moment.
    private static readonly string _claimSql =
        $"""
        SELECT d.delivery_id, d.run_id, d.audience, d.operation, d.attempt, d.profile_id,
               p.external_id, p.email, p.phone, p.attributes, p.consent, p.version, dp.remote_id, d.maybe_sent,
               d.operation = 2 AND coalesce((SELECT NOT m.is_member FROM memberships m WHERE m.audience = d.audience AND m.profile_id = d.profile_id), false), CASE WHEN d.held_until > d.created_at THEN d.held_until ELSE d.created_at END, {ClaimedDeliveryReader.Tail}
        FROM (
            SELECT q.*, r.requested_at, r.held_until
            FROM (SELECT correlation_id, requested_at, held_until FROM audience_syncs
                  WHERE destination = $1 AND current_state = '{RunState.Delivering}' AND {ConfigurationFence.Holds("$6::bigint")}) r
            CROSS JOIN LATERAL (
                SELECT delivery_id, run_id, audience, operation, attempt, profile_id, maybe_sent, created_at FROM deliveries
                WHERE run_id = r.correlation_id AND partition = $3 AND lane = $2 AND due_at <= $4 AND operation {OperationCode.InRange}
                ORDER BY delivery_id LIMIT $5) q
            ORDER BY r.requested_at, q.delivery_id LIMIT $5) d
        CROSS JOIN LATERAL (SELECT * FROM profiles WHERE profile_id = d.profile_id OFFSET 0) p
        LEFT JOIN LATERAL (
            SELECT remote_id, unseen_since FROM destination_profiles WHERE destination = $1 AND profile_id = d.profile_id OFFSET 0) dp ON true
        ORDER BY d.requested_at, d.delivery_id
        """;

    private static readonly string _claimLiveSql =
        $"""
        SELECT d.delivery_id, d.run_id, d.audience, d.operation, d.attempt, d.profile_id,
               p.external_id, p.email, p.phone, p.attributes, p.consent, p.version, dp.remote_id, d.maybe_sent, d.event_id, d.sending_since, f.body,
               CASE WHEN d.operation > 3 THEN NULL
                   WHEN d.audience <> '' THEN coalesce((SELECT m.is_member FROM memberships m WHERE m.audience = d.audience AND m.profile_id = d.profile_id), false)
                   ELSE coalesce((SELECT m.is_member FROM memberships m JOIN live_routes r ON r.audience = m.audience
                       WHERE m.profile_id = d.profile_id AND m.is_member AND r.destination = $1 LIMIT 1), false) END,
               coalesce(dm.is_member, false), coalesce(dm.added_by_hub, false), coalesce(dm.in_doubt, false), p.person_id IS NOT NULL, dp.content_hash, d.created_at,
               d.named_key, o.profile_id, o.external_id, o.email, o.consent, o.version, o.person_id, od.remote_id, od.profile_id IS NOT NULL, dp.profile_id IS NOT NULL,
               {LettersOfIdentity.Columns("$1")}, {ClaimedDeliveryReader.TailOwed}
        FROM (
            SELECT delivery_id, run_id, audience, operation, attempt, profile_id, maybe_sent, event_id, fact_position, fact_received_at, sending_since, created_at, named_key, other_profile_id, letter_id FROM deliveries
            WHERE run_id = $7 AND partition = $3 AND lane = $2 AND due_at <= $4 AND operation {OperationCode.InRange} AND {ConfigurationFence.Holds("$6::bigint")}
            ORDER BY delivery_id LIMIT $5) d
        CROSS JOIN LATERAL (SELECT * FROM profiles WHERE profile_id = d.profile_id OFFSET 0) p
        LEFT JOIN LATERAL (
            SELECT profile_id, remote_id, content_hash, unseen_since, profile_version, plan_version FROM destination_profiles WHERE destination = $1 AND profile_id = d.profile_id OFFSET 0) dp ON true
        LEFT JOIN LATERAL (SELECT is_member, added_by_hub, in_doubt FROM destination_members
            WHERE destination = $1 AND audience = d.audience AND profile_id = d.profile_id OFFSET 0) dm ON true
        LEFT JOIN LATERAL (SELECT * FROM profiles WHERE profile_id = d.other_profile_id OFFSET 0) o ON true
        LEFT JOIN LATERAL (SELECT profile_id, remote_id FROM destination_profiles WHERE destination = $1 AND profile_id = d.other_profile_id OFFSET 0) od ON true
        LEFT JOIN LATERAL (SELECT body FROM facts WHERE position = d.fact_position AND received_at = d.fact_received_at OFFSET 0) f ON true
        ORDER BY d.delivery_id
        """;

    // Whoever is gone from the ledger is nobody whose consent stands.
    internal const string MovedSql =
        """
        SELECT i.profile_id, p.consent, p.external_id, p.email
        FROM unnest($1::bigint[], $2::bigint[]) AS i(profile_id, version)
        LEFT JOIN LATERAL (SELECT consent, version, external_id, email FROM profiles WHERE profile_id = i.profile_id OFFSET 0) p ON true
        WHERE p.version IS DISTINCT FROM i.version
        """;

    // Key by key: grouped in one go, a plan made while the table was empty walks everybody whom the destination has.
    private const string KeyHoldersSql =
        """
        SELECT i.key_hash, min(p.profile_id) FROM unnest($2::uuid[]) AS i(key_hash)
        CROSS JOIN LATERAL (SELECT profile_id FROM destination_profiles WHERE destination = $1 AND key_hash = i.key_hash OFFSET 0) p
        GROUP BY 1
        """;

    // A run that is over, but for a vendor job of it that still goes on, may make somebody known as well.
    private const string ExpectedSql =
        $"""
        SELECT i.profile_id, k.is_known FROM unnest($2::bigint[]) AS i(profile_id)
        CROSS JOIN LATERAL (SELECT EXISTS (SELECT 1 FROM destination_profiles p WHERE p.destination = $1 AND p.profile_id = i.profile_id) AS is_known) k
        WHERE k.is_known
           OR EXISTS (SELECT 1 FROM memberships m JOIN audience_syncs s ON s.audience = m.audience
               WHERE m.profile_id = i.profile_id AND m.is_member AND s.destination = $1 AND s.current_state IN ({RunUnderWay.States}))
           OR EXISTS (SELECT 1 FROM bulk_job_rows r JOIN bulk_jobs j ON j.job_id = r.job_id WHERE r.profile_id = i.profile_id AND j.destination = $1)
           OR EXISTS (SELECT 1 FROM live_routes l JOIN deliveries w ON w.run_id = l.stream_id AND w.profile_id = i.profile_id
               WHERE l.destination = $1 AND w.{LiveLane.IsState})
        """;

    private const string OweConsentsAgainSql =
        $"""
        INSERT INTO deliveries (run_id, destination, lane, partition, operation, profile_id, audience, due_at, created_at)
        SELECT r.stream_id, $1, '{Lane.Urgent}', (i.profile_id % r.partitions)::integer, 4::smallint, i.profile_id, '', $4::timestamptz, $4::timestamptz
        FROM (SELECT DISTINCT unnest($2::bigint[]) AS profile_id) i
        CROSS JOIN (SELECT stream_id, partitions FROM consent_routes WHERE destination = $1 LIMIT 1) r
        WHERE i.profile_id = ANY ($3::bigint[])
           OR EXISTS (SELECT 1 FROM outcomes o WHERE o.run_id = $5 AND o.profile_id = i.profile_id AND o.operation = 4 AND o.code = 'not_found')
        """;

    private const string MarkSendingSql =
        """
        WITH fence AS MATERIALIZED (
            SELECT 1 FROM leases
            WHERE destination = $1 AND lane = $2 AND partition = $3 AND owner = $4 AND epoch = $5 FOR UPDATE)
        UPDATE deliveries d SET sending_since = $6
        FROM fence CROSS JOIN unnest($7::uuid[], $8::bigint[]) AS i(run_id, delivery_id)
        WHERE d.run_id = i.run_id AND d.partition = $3 AND d.delivery_id = i.delivery_id AND d.sending_since IS NULL
        RETURNING d.delivery_id
        """;

    public Task<Lease?> TakeLeaseAsync(
        HubDbContext db, string destination, string lane, int partition, string owner, TimeSpan length, CancellationToken cancellationToken) =>
        LeaseTable.TakeAsync(db, destination, lane, partition, owner, length, cancellationToken);

    public Task<bool> RenewLeaseAsync(HubDbContext db, Lease lease, TimeSpan length, CancellationToken cancellationToken) =>
        LeaseTable.RenewAsync(db, lease, length, cancellationToken);

    public Task ReleaseLeaseAsync(HubDbContext db, Lease lease, bool isSettled, CancellationToken cancellationToken) =>
        LeaseTable.ReleaseAsync(db, lease, isSettled, cancellationToken);

    public async Task<IReadOnlyList<ClaimedDelivery>> ClaimAsync(HubDbContext db, Lease lease, DateTimeOffset now, int limit, CancellationToken cancellationToken)
    {
        if (lease.Lane == Lane.Replay)
        {
            return await ReplayClaim.ReadAsync(db, lease, now, limit, cancellationToken);
        }

        if (lease.Lane == Lane.Backfill)
        {
            return await BackfillClaim.ReadAsync(db, lease, now, limit, cancellationToken);
        }

        await using var session = await PostgresSession.OpenAsync(db, cancellationToken);
        await using var command = session.Command(lease.IsLive ? _claimLiveSql : _claimSql)
            .Text(lease.Destination).Text(lease.Lane).Int(lease.Partition).Time(now).Long(limit).Long(lease.ConfigVersion);
        if (lease.IsLive)
        {
            command.Id(LiveStream.IdOf(lease.Destination, lease.Lane));
        }

        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var keys = SealingKeys.Of(db);
        var claim = new List<ClaimedDelivery>();
        while (await reader.ReadAsync(cancellationToken))
        {
            claim.Add(lease.IsLive ? ClaimedDeliveryReader.ReadOwed(reader, lease, keys) : ClaimedDeliveryReader.ReadOfRun(reader, lease, keys));
        }

        return claim;
    }

    public async Task<IReadOnlySet<long>> MarkSendingAsync(
        HubDbContext db, Lease lease, IReadOnlyList<ClaimedDelivery> deliveries, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var session = await PostgresSession.OpenAsync(db, cancellationToken);
        await using var command = session.Command(MarkSendingSql)
            .Text(lease.Destination).Text(lease.Lane).Int(lease.Partition).Text(lease.Owner).Long(lease.Epoch).Time(now)
            .Ids(deliveries.Column(delivery => delivery.RunId))
            .Longs(deliveries.Column(delivery => delivery.DeliveryId));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var marked = new HashSet<long>();
        while (await reader.ReadAsync(cancellationToken))
        {
            marked.Add(reader.GetInt64(0));
        }

        return marked;
    }

    public async Task<IReadOnlyDictionary<long, MovedPerson>> FindMovedAsync(
        HubDbContext db, IReadOnlyList<ClaimedDelivery> deliveries, CancellationToken cancellationToken)
    {
        await using var session = await PostgresSession.OpenAsync(db, cancellationToken);
        await using var command = session.Command(MovedSql)
            .Longs(deliveries.Column(delivery => delivery.ProfileId))
            .Longs(deliveries.Column(delivery => delivery.ProfileVersion));
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await ReadMovedAsync(reader, cancellationToken);
    }

    internal static async Task<IReadOnlyDictionary<long, MovedPerson>> ReadMovedAsync(NpgsqlDataReader reader, CancellationToken cancellationToken)
    {
        var moved = new Dictionary<long, MovedPerson>();
        while (await reader.ReadAsync(cancellationToken))
        {
            moved[reader.GetInt64(0)] = new MovedPerson(reader.TextOrNull(1), reader.TextOrNull(2), reader.TextOrNull(3));
        }

        return moved;
    }

    public async Task<IReadOnlyDictionary<Guid, long>> FindKeyHoldersAsync(
        HubDbContext db, string destination, IReadOnlyList<Guid> keys, CancellationToken cancellationToken)
    {
        await using var session = await PostgresSession.OpenAsync(db, cancellationToken);
        await using var command = session.Command(KeyHoldersSql).Text(destination).Ids([.. keys]);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var holders = new Dictionary<Guid, long>();
        while (await reader.ReadAsync(cancellationToken))
        {
            holders.Add(reader.GetGuid(0), reader.GetInt64(1));
        }

        return holders;
    }

    public async Task<IReadOnlyDictionary<long, bool>> FindExpectedAsync(
        HubDbContext db, string destination, IReadOnlyList<long> profileIds, CancellationToken cancellationToken)
    {
        await using var session = await PostgresSession.OpenAsync(db, cancellationToken);
        await using var command = session.Command(ExpectedSql).Text(destination).Longs([.. profileIds]);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var expected = new Dictionary<long, bool>();
        while (await reader.ReadAsync(cancellationToken))
        {
            expected[reader.GetInt64(0)] = reader.GetBoolean(1);
        }

        return expected;
    }

    public Task<IReadOnlySet<long>> FindGivenUpAsync(HubDbContext db, IReadOnlyList<ClaimedDelivery> deliveries, CancellationToken cancellationToken) =>
        GivenUpAddresses.FindAsync(db, deliveries, cancellationToken);

    public Task<CallEntry> EnterCallAsync(HubDbContext db, CallUnderWay call, IReadOnlyList<ClaimedDelivery> deliveries, CancellationToken cancellationToken) =>
        PostgresCallBook.EnterAsync(db, call, deliveries, cancellationToken);

    public Task LeaveCallAsync(HubDbContext db, Guid callId, CancellationToken cancellationToken) => PostgresCallBook.LeaveAsync(db, callId, cancellationToken);

    public Task LeaveCallsOfAsync(HubDbContext db, string destination, string owner, CancellationToken cancellationToken) =>
        PostgresCallBook.LeaveAllAsync(db, destination, owner, cancellationToken);

    public Task MarkMaybeSentAsync(HubDbContext db, Lease lease, int claimed, CancellationToken cancellationToken) =>
        UnsettledClaims.MarkAsync(db, lease, claimed, cancellationToken);

    public Task MarkMaybeSentAsync(HubDbContext db, Guid runId, int claimed, CancellationToken cancellationToken) =>
        UnsettledClaims.MarkAsync(db, runId, claimed, cancellationToken);

    public async Task OweConsentsAgainAsync(
        HubDbContext db, string destination, IReadOnlyList<long> arrived, IReadOnlyList<long> changed, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var session = await PostgresSession.OpenInTransactionAsync(db, cancellationToken);
        await using var command = session.Command(OweConsentsAgainSql)
            .Text(destination).Longs([.. arrived]).Longs([.. changed]).Time(now).Id(LiveStream.IdOf(destination));
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    public async Task<IReadOnlyList<SettledRun>?> SettleAsync(
        HubDbContext db, Lease lease, IReadOnlyList<Settlement> settlements, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (lease.IsLive || lease.Lane == Lane.Backfill)
        {
            await partitions.CoverAsync(PartitionedTable.EventReceipts, now, cancellationToken);
        }

        var settled = await PostgresSettlement.SettleAsync(db, lease, settlements, now, cancellationToken);
        if (settled is not null)
        {
            await LiveLane.FollowAsync(db, lease, settlements, now, cancellationToken);
            await WithdrawnMemberships.FollowAsync(db, lease, settlements, now, cancellationToken);
            await IdentityDues.FollowAsync(db, lease, settlements, now, cancellationToken);
        }

        return settled;
    }

    public Task<IReadOnlyList<PartitionWithWork>> FindWorkAsync(HubDbContext db, Guid? runId, DateTimeOffset now, CancellationToken cancellationToken) =>
        PostgresOpenWork.OfRunsAsync(db, runId, now, cancellationToken);

    public Task<IReadOnlyList<PartitionWithWork>> FindLiveWorkAsync(HubDbContext db, DateTimeOffset now, CancellationToken cancellationToken) =>
        PostgresOpenWork.OfStreamsAsync(db, now, cancellationToken);

    public Task<bool> HasPendingAsync(HubDbContext db, Guid runId, CancellationToken cancellationToken) => RunQueue.HasPendingAsync(db, runId, cancellationToken);

    public Task<IReadOnlyList<DrainedRun>> FindDrainedRunsAsync(HubDbContext db, CancellationToken cancellationToken) => RunQueue.FindDrainedAsync(db, cancellationToken);

    public async Task<int> CancelAsync(HubDbContext db, Guid runId, int limit, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await partitions.CoverAsync(PartitionedTable.EventReceipts, now, cancellationToken);
        return await PostgresCancellation.CancelAsync(db, runId, limit, now, cancellationToken);
    }
}
