using IntegrationHub.Storage.Deliveries;
using Npgsql;

namespace IntegrationHub.Storage.Postgres;

/// <summary>The delivery queue on PostgreSQL.</summary>
internal sealed class PostgresDeliveryStore : IDeliveryStore
{
    private const string TakeLeaseSql =
        """
        INSERT INTO leases AS l (destination, lane, partition, owner, epoch, expires_at)
        VALUES ($1, $2, $3, $4, 1, $6)
        ON CONFLICT (destination, lane, partition) DO UPDATE
            SET owner = EXCLUDED.owner,
                epoch = CASE WHEN l.owner = EXCLUDED.owner THEN l.epoch ELSE l.epoch + 1 END,
                expires_at = EXCLUDED.expires_at
            WHERE l.owner = EXCLUDED.owner OR l.expires_at <= $5
        RETURNING epoch
        """;

    // A released lease keeps its row and its epoch: the next owner's epoch is still a new one.
    private const string ReleaseLeaseSql =
        """
        UPDATE leases SET expires_at = '-infinity', owner = ''
        WHERE destination = $1 AND lane = $2 AND partition = $3 AND owner = $4 AND epoch = $5
        """;

    // OFFSET 0 keeps the two look-ups per row index look-ups, whatever the statistics of a queue say at the moment.
    private const string ClaimSql =
        """
        SELECT d.delivery_id, d.run_id, d.audience, d.operation, d.attempt, d.profile_id,
               p.external_id, p.email, p.phone, p.attributes, p.consent, p.version, dp.remote_id
        FROM (
            SELECT q.*, r.requested_at
            FROM (SELECT correlation_id, requested_at FROM audience_syncs
                  WHERE destination = $1 AND current_state = 'Delivering') r
            CROSS JOIN LATERAL (
                SELECT delivery_id, run_id, audience, operation, attempt, profile_id FROM deliveries
                WHERE run_id = r.correlation_id AND partition = $3 AND lane = $2 AND due_at <= $4
                ORDER BY delivery_id LIMIT $5) q
            ORDER BY r.requested_at, q.delivery_id LIMIT $5) d
        CROSS JOIN LATERAL (SELECT * FROM profiles WHERE profile_id = d.profile_id OFFSET 0) p
        LEFT JOIN LATERAL (
            SELECT remote_id FROM destination_profiles WHERE destination = $1 AND profile_id = d.profile_id OFFSET 0) dp ON true
        ORDER BY d.requested_at, d.delivery_id
        """;

    private const string ClaimLiveSql =
        """
        SELECT d.delivery_id, d.run_id, d.audience, d.operation, d.attempt, d.profile_id,
               p.external_id, p.email, p.phone, p.attributes, p.consent, p.version, dp.remote_id, d.event_id, d.sending_since, f.body
        FROM (
            SELECT delivery_id, run_id, audience, operation, attempt, profile_id, event_id, sending_since FROM deliveries
            WHERE run_id = $6 AND partition = $3 AND lane = $2 AND due_at <= $4
            ORDER BY delivery_id LIMIT $5) d
        CROSS JOIN LATERAL (SELECT * FROM profiles WHERE profile_id = d.profile_id OFFSET 0) p
        LEFT JOIN LATERAL (
            SELECT remote_id FROM destination_profiles WHERE destination = $1 AND profile_id = d.profile_id OFFSET 0) dp ON true
        LEFT JOIN LATERAL (SELECT body FROM facts WHERE event_id = d.event_id OFFSET 0) f ON true
        ORDER BY d.delivery_id
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

    // Steps from partition to partition of a run in the index instead of reading the whole queue.
    private const string FindWorkSql =
        """
        WITH RECURSIVE runs AS (
            SELECT correlation_id AS run_id, destination, lane FROM audience_syncs
            WHERE (correlation_id = $1) OR ($1 IS NULL AND current_state = 'Delivering')),
        parts AS (
            SELECT run_id, destination, lane, (SELECT min(partition) FROM deliveries d WHERE d.run_id = runs.run_id) AS partition FROM runs
            UNION ALL
            SELECT run_id, destination, lane,
                (SELECT min(d.partition) FROM deliveries d WHERE d.run_id = parts.run_id AND d.partition > parts.partition)
            FROM parts WHERE partition IS NOT NULL)
        SELECT DISTINCT p.destination, p.lane, p.partition FROM parts p
        WHERE p.partition IS NOT NULL
          AND EXISTS (SELECT 1 FROM deliveries d WHERE d.run_id = p.run_id AND d.partition = p.partition AND d.due_at <= $2)
          AND NOT EXISTS (SELECT 1 FROM leases l
              WHERE l.destination = p.destination AND l.lane = p.lane AND l.partition = p.partition AND l.expires_at > $2)
          AND NOT EXISTS (SELECT 1 FROM bulk_jobs j
              WHERE j.destination = p.destination AND j.lane = p.lane AND j.partition = p.partition AND j.poll_at > $2)
        ORDER BY 1, 2, 3
        """;

    // Steps through the queue as above: however much of other work waits in it, an empty stream costs a look at the index, and of a
    // long one the first row that is due is read.
    private const string FindLiveWorkSql =
        $"""
        WITH RECURSIVE streams AS (
            SELECT destination, '{Lane.Urgent}' AS lane, stream_id FROM consent_routes
            UNION
            SELECT destination, '{Lane.Live}', stream_id FROM event_routes),
        parts AS (
            SELECT destination, lane, stream_id, (SELECT min(partition) FROM deliveries d WHERE d.run_id = stream_id) AS partition FROM streams
            UNION ALL
            SELECT destination, lane, stream_id,
                (SELECT min(d.partition) FROM deliveries d WHERE d.run_id = parts.stream_id AND d.partition > parts.partition)
            FROM parts WHERE partition IS NOT NULL)
        SELECT p.destination, p.lane, p.partition
        FROM parts p CROSS JOIN LATERAL (
            SELECT 1 FROM deliveries WHERE run_id = p.stream_id AND partition = p.partition AND due_at <= $1 LIMIT 1) d
        WHERE NOT EXISTS (SELECT 1 FROM leases l
            WHERE l.destination = p.destination AND l.lane = p.lane AND l.partition = p.partition AND l.expires_at > $1)
        ORDER BY 1, 2, 3
        """;

    private const string DrainedSql =
        """
        SELECT s.correlation_id FROM audience_syncs s
        WHERE s.current_state = 'Delivering' AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.run_id = s.correlation_id)
        """;

    public async Task<Lease?> TakeLeaseAsync(
        HubDbContext db, string destination, string lane, int partition, string owner, DateTimeOffset now, TimeSpan length, CancellationToken cancellationToken)
    {
        await using var session = await PostgresSession.OpenAsync(db, cancellationToken);
        await using var command = session.Command(TakeLeaseSql)
            .Text(destination).Text(lane).Int(partition).Text(owner).Time(now).Time(now + length);
        return await command.ExecuteScalarAsync(cancellationToken) is long epoch
            ? new Lease(destination, lane, partition, owner, epoch, now + length)
            : null;
    }

    public async Task ReleaseLeaseAsync(HubDbContext db, Lease lease, CancellationToken cancellationToken)
    {
        await using var session = await PostgresSession.OpenAsync(db, cancellationToken);
        await using var command = session.Command(ReleaseLeaseSql)
            .Text(lease.Destination).Text(lease.Lane).Int(lease.Partition).Text(lease.Owner).Long(lease.Epoch);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    public async Task<IReadOnlyList<ClaimedDelivery>> ClaimAsync(HubDbContext db, Lease lease, DateTimeOffset now, int limit, CancellationToken cancellationToken)
    {
        await using var session = await PostgresSession.OpenAsync(db, cancellationToken);
        await using var command = session.Command(lease.IsLive ? ClaimLiveSql : ClaimSql)
            .Text(lease.Destination).Text(lease.Lane).Int(lease.Partition).Time(now).Long(limit);
        if (lease.IsLive)
        {
            command.Id(LiveStream.IdOf(lease.Destination, lease.Lane));
        }

        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var claim = new List<ClaimedDelivery>();
        while (await reader.ReadAsync(cancellationToken))
        {
            claim.Add(lease.IsLive ? ClaimedDeliveryReader.ReadLive(reader) : ClaimedDeliveryReader.Read(reader));
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

    public Task<IReadOnlyList<SettledRun>?> SettleAsync(
        HubDbContext db, Lease lease, IReadOnlyList<Settlement> settlements, DateTimeOffset now, CancellationToken cancellationToken) =>
        PostgresSettlement.SettleAsync(db, lease, settlements, now, cancellationToken);

    public async Task<IReadOnlyList<PartitionWithWork>> FindWorkAsync(HubDbContext db, Guid? runId, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var session = await PostgresSession.OpenAsync(db, cancellationToken);
        await using var command = session.Command(FindWorkSql).Id(runId).Time(now);
        return await ReadWorkAsync(command, cancellationToken);
    }

    public async Task<IReadOnlyList<PartitionWithWork>> FindLiveWorkAsync(HubDbContext db, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var session = await PostgresSession.OpenAsync(db, cancellationToken);
        await using var command = session.Command(FindLiveWorkSql).Time(now);
        return await ReadWorkAsync(command, cancellationToken);
    }

    private static async Task<IReadOnlyList<PartitionWithWork>> ReadWorkAsync(NpgsqlCommand command, CancellationToken cancellationToken)
    {
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var work = new List<PartitionWithWork>();
        while (await reader.ReadAsync(cancellationToken))
        {
            work.Add(new PartitionWithWork(reader.GetString(0), reader.GetString(1), reader.GetInt32(2)));
        }

        return work;
    }

    public async Task<bool> HasPendingAsync(HubDbContext db, Guid runId, CancellationToken cancellationToken)
    {
        await using var session = await PostgresSession.OpenAsync(db, cancellationToken);
        await using var command = session.Command("SELECT EXISTS (SELECT 1 FROM deliveries WHERE run_id = $1)").Id(runId);
        return (bool)(await command.ExecuteScalarAsync(cancellationToken))!;
    }

    public async Task<IReadOnlyList<Guid>> FindDrainedRunsAsync(HubDbContext db, CancellationToken cancellationToken)
    {
        await using var session = await PostgresSession.OpenAsync(db, cancellationToken);
        await using NpgsqlCommand command = session.Command(DrainedSql);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        var runs = new List<Guid>();
        while (await reader.ReadAsync(cancellationToken))
        {
            runs.Add(reader.GetGuid(0));
        }

        return runs;
    }

    public Task<int> CancelAsync(HubDbContext db, Guid runId, int limit, DateTimeOffset now, CancellationToken cancellationToken) =>
        PostgresSettlement.CancelAsync(db, runId, limit, now, cancellationToken);
}
