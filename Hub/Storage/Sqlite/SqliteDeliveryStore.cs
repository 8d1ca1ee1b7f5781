using System.Data.Common;
using IntegrationHub.Storage.Deliveries;

namespace IntegrationHub.Storage.Sqlite;

/// <summary>The delivery queue on SQLite, whose single writer makes the locks of the other dialect unnecessary.</summary>
internal sealed class SqliteDeliveryStore : IDeliveryStore
{
    private const string TakeLeaseSql =
        """
        INSERT INTO leases AS l (destination, lane, partition, owner, epoch, expires_at)
        VALUES (@destination, @lane, @partition, @owner, 1, @expires)
        ON CONFLICT (destination, lane, partition) DO UPDATE
            SET owner = excluded.owner,
                epoch = CASE WHEN l.owner = excluded.owner THEN l.epoch ELSE l.epoch + 1 END,
                expires_at = excluded.expires_at
            WHERE l.owner = excluded.owner OR l.expires_at <= @now
        RETURNING epoch
        """;

    private const string ReleaseLeaseSql =
        """
        UPDATE leases SET expires_at = 0, owner = ''
        WHERE destination = @destination AND lane = @lane AND partition = @partition AND owner = @owner AND epoch = @epoch
        """;

    private const string ClaimSql =
        """
        SELECT d.delivery_id, d.run_id, d.audience, d.operation, d.attempt, d.profile_id,
               p.external_id, p.email, p.phone, p.attributes, p.consent, p.version, dp.remote_id
        FROM (
            SELECT q.delivery_id, q.run_id, q.audience, q.operation, q.attempt, q.profile_id, s.requested_at
            FROM audience_syncs s CROSS JOIN deliveries q
            WHERE s.destination = @destination AND s.current_state = 'Delivering'
              AND q.run_id = s.correlation_id AND q.partition = @partition AND q.lane = @lane AND q.due_at <= @now
            ORDER BY s.requested_at, q.delivery_id LIMIT @limit) d
        CROSS JOIN profiles p ON p.profile_id = d.profile_id
        LEFT JOIN destination_profiles dp ON dp.destination = @destination AND dp.profile_id = d.profile_id
        ORDER BY d.requested_at, d.delivery_id
        """;

    private const string ClaimLiveSql =
        """
        SELECT d.delivery_id, d.run_id, d.audience, d.operation, d.attempt, d.profile_id,
               p.external_id, p.email, p.phone, p.attributes, p.consent, p.version, dp.remote_id, d.event_id, d.sending_since, f.body
        FROM (
            SELECT delivery_id, run_id, audience, operation, attempt, profile_id, event_id, sending_since FROM deliveries
            WHERE run_id = @stream AND partition = @partition AND lane = @lane AND due_at <= @now
            ORDER BY delivery_id LIMIT @limit) d
        CROSS JOIN profiles p ON p.profile_id = d.profile_id
        LEFT JOIN destination_profiles dp ON dp.destination = @destination AND dp.profile_id = d.profile_id
        LEFT JOIN facts f ON f.event_id = d.event_id
        ORDER BY d.delivery_id
        """;

    private const string MarkSendingSql =
        """
        UPDATE deliveries SET sending_since = @now
        WHERE delivery_id IN (SELECT value FROM json_each(@ids)) AND sending_since IS NULL
          AND EXISTS (SELECT 1 FROM leases
              WHERE destination = @destination AND lane = @lane AND partition = @partition AND owner = @owner AND epoch = @epoch)
        RETURNING delivery_id
        """;

    private const string FindWorkSql =
        """
        SELECT DISTINCT s.destination, d.lane, d.partition
        FROM audience_syncs s CROSS JOIN deliveries d ON d.run_id = s.correlation_id
        WHERE (s.correlation_id = @run OR (@run IS NULL AND s.current_state = 'Delivering')) AND d.due_at <= @now
          AND NOT EXISTS (SELECT 1 FROM leases l
              WHERE l.destination = s.destination AND l.lane = d.lane AND l.partition = d.partition AND l.expires_at > @now)
          AND NOT EXISTS (SELECT 1 FROM bulk_jobs j
              WHERE j.destination = s.destination AND j.lane = d.lane AND j.partition = d.partition AND j.poll_at > @now)
        ORDER BY 1, 2, 3
        """;

    private const string FindLiveWorkSql =
        $"""
        WITH RECURSIVE streams AS (
            SELECT destination, '{Lane.Urgent}' AS lane, stream_id FROM consent_routes
            UNION
            SELECT destination, '{Lane.Live}', stream_id FROM event_routes),
        parts AS (
            SELECT destination, lane, stream_id, (SELECT min(d.partition) FROM deliveries d WHERE d.run_id = streams.stream_id) AS partition FROM streams
            UNION ALL
            SELECT destination, lane, stream_id,
                (SELECT min(d.partition) FROM deliveries d WHERE d.run_id = parts.stream_id AND d.partition > parts.partition)
            FROM parts WHERE partition IS NOT NULL)
        SELECT p.destination, p.lane, p.partition FROM parts p
        WHERE EXISTS (SELECT 1 FROM deliveries d WHERE d.run_id = p.stream_id AND d.partition = p.partition AND d.due_at <= @now)
          AND NOT EXISTS (SELECT 1 FROM leases l
              WHERE l.destination = p.destination AND l.lane = p.lane AND l.partition = p.partition AND l.expires_at > @now)
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
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        var epoch = await session.ScalarAsync(
            TakeLeaseSql, cancellationToken,
            ("destination", destination), ("lane", lane), ("partition", partition), ("owner", owner), ("now", now), ("expires", now + length));
        return epoch is long value ? new Lease(destination, lane, partition, owner, value, now + length) : null;
    }

    public async Task ReleaseLeaseAsync(HubDbContext db, Lease lease, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        await session.ExecuteAsync(
            ReleaseLeaseSql, cancellationToken,
            ("destination", lease.Destination), ("lane", lease.Lane), ("partition", lease.Partition), ("owner", lease.Owner), ("epoch", lease.Epoch));
    }

    public async Task<IReadOnlyList<ClaimedDelivery>> ClaimAsync(HubDbContext db, Lease lease, DateTimeOffset now, int limit, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return await session.ReadAsync<ClaimedDelivery>(
            lease.IsLive ? ClaimLiveSql : ClaimSql, lease.IsLive ? ClaimedDeliveryReader.ReadLive : ClaimedDeliveryReader.Read, cancellationToken,
            ("destination", lease.Destination), ("lane", lease.Lane), ("partition", lease.Partition), ("now", now), ("limit", limit),
            ("stream", LiveStream.IdOf(lease.Destination, lease.Lane)));
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

    public Task<IReadOnlyList<SettledRun>?> SettleAsync(
        HubDbContext db, Lease lease, IReadOnlyList<Settlement> settlements, DateTimeOffset now, CancellationToken cancellationToken) =>
        SqliteSettlement.SettleAsync(db, lease, settlements, now, cancellationToken);

    public async Task<IReadOnlyList<PartitionWithWork>> FindWorkAsync(HubDbContext db, Guid? runId, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return await session.ReadAsync(FindWorkSql, ReadWork, cancellationToken, ("run", runId), ("now", now));
    }

    public async Task<IReadOnlyList<PartitionWithWork>> FindLiveWorkAsync(HubDbContext db, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return await session.ReadAsync(FindLiveWorkSql, ReadWork, cancellationToken, ("now", now));
    }

    public async Task<bool> HasPendingAsync(HubDbContext db, Guid runId, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return await session.ScalarAsync("SELECT 1 FROM deliveries WHERE run_id = @run LIMIT 1", cancellationToken, ("run", runId)) is not null;
    }

    public async Task<IReadOnlyList<Guid>> FindDrainedRunsAsync(HubDbContext db, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return await session.ReadAsync(DrainedSql, reader => reader.GetGuid(0), cancellationToken);
    }

    public Task<int> CancelAsync(HubDbContext db, Guid runId, int limit, DateTimeOffset now, CancellationToken cancellationToken) =>
        SqliteSettlement.CancelAsync(db, runId, limit, now, cancellationToken);

    private static PartitionWithWork ReadWork(DbDataReader reader) => new(reader.GetString(0), reader.GetString(1), reader.GetInt32(2));
}
