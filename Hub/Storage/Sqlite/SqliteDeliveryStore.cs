using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Storage.Backfills;
using IntegrationHub.Storage.Configurations;
using IntegrationHub.Storage.DeadLetters;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Ledger;
using IntegrationHub.Storage.Sealing;

namespace IntegrationHub.Storage.Sqlite;

/// <summary>The delivery queue on SQLite, whose single writer makes the locks of the other dialect unnecessary.</summary>
internal sealed class SqliteDeliveryStore(TimeProvider time) : IDeliveryStore
{
    private static readonly string _claimSql =
        $"""
        SELECT d.delivery_id, d.run_id, d.audience, d.operation, d.attempt, d.profile_id,
               p.external_id, p.email, p.phone, p.attributes, p.consent, p.version, dp.remote_id, d.maybe_sent,
               d.operation = 2 AND coalesce((SELECT NOT m.is_member FROM memberships m WHERE m.audience = d.audience AND m.profile_id = d.profile_id), false), CASE WHEN d.held_until > d.created_at THEN d.held_until ELSE d.created_at END,
               {ClaimedDeliveryReader.Tail}
        FROM (
            SELECT q.delivery_id, q.run_id, q.audience, q.operation, q.attempt, q.profile_id, q.maybe_sent, q.created_at, s.requested_at, s.held_until
            FROM audience_syncs s CROSS JOIN deliveries q
            WHERE s.destination = @destination AND s.current_state = '{RunState.Delivering}' AND {ConfigurationFence.Holds("@config")}
              AND q.run_id = s.correlation_id AND q.partition = @partition AND q.lane = @lane AND q.due_at <= @now AND q.operation {OperationCode.InRange}
            ORDER BY s.requested_at, q.delivery_id LIMIT @limit) d
        CROSS JOIN profiles p ON p.profile_id = d.profile_id
        LEFT JOIN destination_profiles dp ON dp.destination = @destination AND dp.profile_id = d.profile_id
        ORDER BY d.requested_at, d.delivery_id
        """;

    private static readonly string _claimLiveSql =
        $"""
        SELECT d.delivery_id, d.run_id, d.audience, d.operation, d.attempt, d.profile_id,
               p.external_id, p.email, p.phone, p.attributes, p.consent, p.version, dp.remote_id, d.maybe_sent, d.event_id, d.sending_since, f.body,
               CASE WHEN d.operation > 3 THEN NULL
                   WHEN d.audience <> '' THEN coalesce((SELECT m.is_member FROM memberships m WHERE m.audience = d.audience AND m.profile_id = d.profile_id), false)
                   ELSE coalesce((SELECT m.is_member FROM memberships m JOIN live_routes r ON r.audience = m.audience
                       WHERE m.profile_id = d.profile_id AND m.is_member AND r.destination = @destination LIMIT 1), false) END,
               coalesce(dm.is_member, false), coalesce(dm.added_by_hub, false), coalesce(dm.in_doubt, false), p.person_id IS NOT NULL, dp.content_hash, d.created_at,
               d.named_key, o.profile_id, o.external_id, o.email, o.consent, o.version, o.person_id, od.remote_id, od.profile_id IS NOT NULL, dp.profile_id IS NOT NULL,
               {LettersOfIdentity.Columns("@destination")},
               {ClaimedDeliveryReader.TailOwed}
        FROM (
            SELECT delivery_id, run_id, audience, operation, attempt, profile_id, maybe_sent, event_id, fact_position, sending_since, created_at, named_key, other_profile_id, letter_id FROM deliveries
            WHERE run_id = @stream AND partition = @partition AND lane = @lane AND due_at <= @now AND operation {OperationCode.InRange} AND {ConfigurationFence.Holds("@config")}
            ORDER BY delivery_id LIMIT @limit) d
        CROSS JOIN profiles p ON p.profile_id = d.profile_id
        LEFT JOIN destination_profiles dp ON dp.destination = @destination AND dp.profile_id = d.profile_id
        LEFT JOIN destination_members dm ON dm.destination = @destination AND dm.audience = d.audience AND dm.profile_id = d.profile_id
        LEFT JOIN profiles o ON o.profile_id = d.other_profile_id
        LEFT JOIN destination_profiles od ON od.destination = @destination AND od.profile_id = d.other_profile_id
        LEFT JOIN facts f ON f.position = d.fact_position
        ORDER BY d.delivery_id
        """;

    private const string MovedSql =
        """
        SELECT i.profile_id, p.consent, p.external_id, p.email
        FROM (SELECT json_extract(value, '$[0]') AS profile_id, json_extract(value, '$[1]') AS version FROM json_each(@rows)) i
        LEFT JOIN profiles p ON p.profile_id = i.profile_id
        WHERE p.version IS NOT i.version
        """;

    // What is owed live, or sent again, is of no run.
    private const string HeldSql = $"SELECT correlation_id FROM runs WHERE correlation_id IN (SELECT value FROM json_each(@runs)) AND current_state <> '{RunState.Delivering}'";

    private const string KeyHoldersSql =
        """
        SELECT i.value, min(p.profile_id) FROM json_each(@keys) i
        CROSS JOIN destination_profiles p INDEXED BY ix_destination_profiles_key ON p.destination = @destination AND p.key_hash = i.value
        GROUP BY 1
        """;

    private const string ExpectedSql =
        $"""
        SELECT i.value, EXISTS (SELECT 1 FROM destination_profiles p WHERE p.destination = @destination AND p.profile_id = i.value) AS is_known
        FROM json_each(@ids) i
        WHERE EXISTS (SELECT 1 FROM destination_profiles p WHERE p.destination = @destination AND p.profile_id = i.value)
           OR EXISTS (SELECT 1 FROM memberships m JOIN audience_syncs s ON s.audience = m.audience
               WHERE m.profile_id = i.value AND m.is_member AND s.destination = @destination AND s.current_state IN ({RunUnderWay.States}))
           OR EXISTS (SELECT 1 FROM bulk_job_rows r JOIN bulk_jobs j ON j.job_id = r.job_id WHERE r.profile_id = i.value AND j.destination = @destination)
           OR EXISTS (SELECT 1 FROM live_routes l JOIN deliveries w ON w.run_id = l.stream_id AND w.profile_id = i.value
               WHERE l.destination = @destination AND w.{LiveLane.IsState})
        """;

    private const string OweConsentsAgainSql =
        $"""
        INSERT INTO deliveries (run_id, destination, lane, partition, operation, profile_id, audience, due_at, created_at)
        SELECT r.stream_id, @destination, '{Lane.Urgent}', i.profile_id % r.partitions, 4, i.profile_id, '', @now, @now
        FROM (SELECT DISTINCT value AS profile_id FROM json_each(@arrived)) i
        CROSS JOIN (SELECT stream_id, partitions FROM consent_routes WHERE destination = @destination LIMIT 1) r
        WHERE i.profile_id IN (SELECT value FROM json_each(@changed))
           OR EXISTS (SELECT 1 FROM outcomes o WHERE o.run_id = @stream AND o.profile_id = i.profile_id AND o.operation = 4 AND o.code = 'not_found')
        """;

    private const string MarkSendingSql =
        """
        UPDATE deliveries SET sending_since = @now
        WHERE delivery_id IN (SELECT value FROM json_each(@ids)) AND sending_since IS NULL
          AND EXISTS (SELECT 1 FROM leases
              WHERE destination = @destination AND lane = @lane AND partition = @partition AND owner = @owner AND epoch = @epoch)
        RETURNING delivery_id
        """;

    private readonly SqliteCallBook _calls = new(time);

    public Task<Lease?> TakeLeaseAsync(
        HubDbContext db, string destination, string lane, int partition, string owner, TimeSpan length, CancellationToken cancellationToken) =>
        LeaseTable.TakeAsync(db, destination, lane, partition, owner, length, cancellationToken);

    public Task<bool> RenewLeaseAsync(HubDbContext db, Lease lease, TimeSpan length, CancellationToken cancellationToken) =>
        LeaseTable.RenewAsync(db, lease, length, cancellationToken);

    public Task ReleaseLeaseAsync(HubDbContext db, Lease lease, bool isSettled, CancellationToken cancellationToken) =>
        LeaseTable.ReleaseAsync(db, lease, isSettled, cancellationToken);

    public async Task<IReadOnlyDictionary<long, MovedPerson>> FindMovedAsync(
        HubDbContext db, IReadOnlyList<ClaimedDelivery> deliveries, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        var rows = JsonRows.Of(deliveries, (writer, delivery) =>
        {
            writer.WriteNumberValue(delivery.ProfileId);
            writer.WriteNumberValue(delivery.ProfileVersion);
        });
        var moved = await session.ReadAsync(MovedSql, reader => (Profile: reader.GetInt64(0), Person: new MovedPerson(reader.TextOrNull(1), reader.TextOrNull(2), reader.TextOrNull(3))), cancellationToken, ("rows", rows));
        return moved.DistinctBy(row => row.Profile).ToDictionary(row => row.Profile, row => row.Person);
    }

    public async Task<IReadOnlyDictionary<Guid, long>> FindKeyHoldersAsync(
        HubDbContext db, string destination, IReadOnlyList<Guid> keys, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        var holders = await session.ReadAsync(
            KeyHoldersSql, reader => (Key: reader.GetGuid(0), Profile: reader.GetInt64(1)), cancellationToken,
            ("destination", destination), ("keys", JsonRows.Texts(keys.Select(key => key.ToString("D").ToUpperInvariant()))));
        return holders.ToDictionary(holder => holder.Key, holder => holder.Profile);
    }

    public async Task<IReadOnlyDictionary<long, bool>> FindExpectedAsync(
        HubDbContext db, string destination, IReadOnlyList<long> profileIds, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        var expected = await session.ReadAsync(
            ExpectedSql, reader => (Profile: reader.GetInt64(0), IsKnown: reader.GetBoolean(1)), cancellationToken,
            ("destination", destination), ("ids", JsonRows.Numbers(profileIds)));
        return expected.DistinctBy(person => person.Profile).ToDictionary(person => person.Profile, person => person.IsKnown);
    }

    public Task<IReadOnlySet<long>> FindGivenUpAsync(HubDbContext db, IReadOnlyList<ClaimedDelivery> deliveries, CancellationToken cancellationToken) =>
        GivenUpAddresses.FindAsync(db, deliveries, cancellationToken);

    public async Task<CallEntry> EnterCallAsync(HubDbContext db, CallUnderWay call, IReadOnlyList<ClaimedDelivery> deliveries, CancellationToken cancellationToken)
    {
        var busy = _calls.Enter(call);
        if (busy.Count > 0 || deliveries.Count == 0)
        {
            return new CallEntry(busy, CallEntry.NobodyMoved, CallEntry.NoneHeld);
        }

        var moved = await FindMovedAsync(db, deliveries, cancellationToken);
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        var held = await session.ReadAsync(
            HeldSql, reader => reader.GetGuid(0), cancellationToken, ("runs", JsonRows.Texts(deliveries.Select(delivery => delivery.RunId).Distinct().Select(run => run.ToString("D").ToUpperInvariant()))));
        var entry = new CallEntry(busy, moved, held.Count == 0 ? CallEntry.NoneHeld : held.ToHashSet()) { LostItsLease = call.Under is { } lease && !await LeaseTable.IsHeldAsync(session, lease, cancellationToken) };
        return await UnreadableDecisions.AnyAsync(db, cancellationToken)
            ? entry with { Unreadable = await UnreadableDecisions.FindNamedAsync(db, deliveries.Select(delivery => delivery.ProfileId), cancellationToken) }
            : entry;
    }

    public Task LeaveCallAsync(HubDbContext db, Guid callId, CancellationToken cancellationToken)
    {
        _calls.Leave(callId);
        return Task.CompletedTask;
    }

    public Task LeaveCallsOfAsync(HubDbContext db, string destination, string owner, CancellationToken cancellationToken)
    {
        _calls.LeaveAll(destination, owner);
        return Task.CompletedTask;
    }

    public Task MarkMaybeSentAsync(HubDbContext db, Lease lease, int claimed, CancellationToken cancellationToken) =>
        UnsettledClaims.MarkAsync(db, lease, claimed, cancellationToken);

    public Task MarkMaybeSentAsync(HubDbContext db, Guid runId, int claimed, CancellationToken cancellationToken) =>
        UnsettledClaims.MarkAsync(db, runId, claimed, cancellationToken);

    public async Task OweConsentsAgainAsync(
        HubDbContext db, string destination, IReadOnlyList<long> arrived, IReadOnlyList<long> changed, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        await session.ExecuteAsync(
            OweConsentsAgainSql, cancellationToken,
            ("destination", destination), ("arrived", JsonRows.Numbers(arrived)), ("changed", JsonRows.Numbers(changed)), ("now", now),
            ("stream", LiveStream.IdOf(destination)));
    }

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

        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        var keys = SealingKeys.Of(db);
        return await session.ReadAsync(
            lease.IsLive ? _claimLiveSql : _claimSql,
            row => lease.IsLive ? ClaimedDeliveryReader.ReadOwed(row, lease, keys) : ClaimedDeliveryReader.ReadOfRun(row, lease, keys), cancellationToken,
            ("destination", lease.Destination), ("lane", lease.Lane), ("partition", lease.Partition), ("now", now), ("limit", limit),
            ("stream", LiveStream.IdOf(lease.Destination, lease.Lane)), ("config", lease.ConfigVersion));
    }

    public async Task<IReadOnlySet<long>> MarkSendingAsync(
        HubDbContext db, Lease lease, IReadOnlyList<ClaimedDelivery> deliveries, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return new HashSet<long>(await session.ReadAsync(
            MarkSendingSql, reader => reader.GetInt64(0), cancellationToken,
            ("ids", JsonRows.Numbers(deliveries.Select(delivery => delivery.DeliveryId))), ("now", now),
            ("destination", lease.Destination), ("lane", lease.Lane), ("partition", lease.Partition), ("owner", lease.Owner), ("epoch", lease.Epoch)));
    }

    public async Task<IReadOnlyList<SettledRun>?> SettleAsync(
        HubDbContext db, Lease lease, IReadOnlyList<Settlement> settlements, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var settled = await SqliteSettlement.SettleAsync(db, lease, settlements, now, cancellationToken);
        if (settled is not null)
        {
            await LiveLane.FollowAsync(db, lease, settlements, now, cancellationToken);
            await WithdrawnMemberships.FollowAsync(db, lease, settlements, now, cancellationToken);
            await IdentityDues.FollowAsync(db, lease, settlements, now, cancellationToken);
        }

        return settled;
    }

    public Task<IReadOnlyList<PartitionWithWork>> FindWorkAsync(HubDbContext db, Guid? runId, DateTimeOffset now, CancellationToken cancellationToken) =>
        SqliteOpenWork.OfRunsAsync(db, runId, now, cancellationToken);

    public Task<IReadOnlyList<PartitionWithWork>> FindLiveWorkAsync(HubDbContext db, DateTimeOffset now, CancellationToken cancellationToken) =>
        SqliteOpenWork.OfStreamsAsync(db, now, cancellationToken);

    public Task<bool> HasPendingAsync(HubDbContext db, Guid runId, CancellationToken cancellationToken) => RunQueue.HasPendingAsync(db, runId, cancellationToken);

    public Task<IReadOnlyList<DrainedRun>> FindDrainedRunsAsync(HubDbContext db, CancellationToken cancellationToken) => RunQueue.FindDrainedAsync(db, cancellationToken);

    public Task<int> CancelAsync(HubDbContext db, Guid runId, int limit, DateTimeOffset now, CancellationToken cancellationToken) =>
        SqliteCancellation.CancelAsync(db, runId, limit, now, cancellationToken);
}
