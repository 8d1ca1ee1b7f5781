namespace IntegrationHub.Storage.Deliveries;

/// <summary>
/// What a turn claimed that ended, or may still end, without a word: the vendor may have it. A claim takes the first rows that are due, so these are the first
/// that were never tried, as many as a claim may hold, and every one that was tried before. The same SQL on both dialects.
/// </summary>
internal static class UnsettledClaims
{
    /// <summary>Marks what the turn before claimed in the partition of a lease. Does nothing when the lease is lost.</summary>
    public static Task MarkAsync(HubDbContext db, Lease lease, int claimed, CancellationToken cancellationToken) => lease.IsLive ? MarkStateAsync(db, lease, claimed, cancellationToken) : MarkAsync(
        db,
        "r.finished_at IS NULL AND l.destination = @destination AND l.lane = @lane AND l.partition = @partition AND l.owner = @owner AND l.epoch = @epoch",
        cancellationToken,
        ("claimed", claimed), ("destination", lease.Destination), ("lane", lease.Lane), ("partition", lease.Partition), ("owner", lease.Owner), ("epoch", lease.Epoch));

    /// <summary>Marks what is claimed of a run, in every partition whose lease was not given back in order.</summary>
    public static Task MarkAsync(HubDbContext db, Guid runId, int claimed, CancellationToken cancellationToken) =>
        MarkAsync(db, "r.correlation_id = @run AND l.owner <> ''", cancellationToken, ("claimed", claimed), ("run", runId));

    /// <summary>The same in the live lane, of what brings state up to date.</summary>
    private static async Task MarkStateAsync(HubDbContext db, Lease lease, int claimed, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        await session.ExecuteAsync(
            """
            UPDATE deliveries SET maybe_sent = true
            WHERE operation <= 3 AND NOT maybe_sent AND run_id = @stream AND partition = @partition AND delivery_id IN (
                SELECT c.delivery_id FROM (
                    SELECT delivery_id, due_at > created_at AS was_tried, row_number() OVER (PARTITION BY due_at > created_at ORDER BY delivery_id) AS place
                    FROM deliveries WHERE run_id = @stream AND partition = @partition) c
                WHERE c.was_tried OR c.place <= @claimed)
              AND EXISTS (SELECT 1 FROM leases l WHERE l.destination = @destination AND l.lane = @lane AND l.partition = @partition AND l.owner = @owner AND l.epoch = @epoch)
            """,
            cancellationToken,
            ("stream", LiveStream.IdOf(lease.Destination, lease.Lane)), ("claimed", claimed), ("destination", lease.Destination), ("lane", lease.Lane),
            ("partition", lease.Partition), ("owner", lease.Owner), ("epoch", lease.Epoch));
    }

    private static async Task MarkAsync(HubDbContext db, string leases, CancellationToken cancellationToken, params (string, object?)[] parameters)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        await session.ExecuteAsync(
            $"""
            UPDATE deliveries SET maybe_sent = true
            WHERE operation <= 3 AND NOT maybe_sent AND (run_id, partition, delivery_id) IN (
                SELECT c.run_id, c.partition, c.delivery_id FROM (
                    SELECT d.run_id, d.partition, d.delivery_id, d.due_at > d.created_at AS was_tried,
                           row_number() OVER (PARTITION BY d.run_id, d.partition, d.due_at > d.created_at ORDER BY d.delivery_id) AS place
                    FROM runs r
                    JOIN leases l ON l.destination = r.destination
                    JOIN deliveries d ON d.run_id = r.correlation_id AND d.partition = l.partition AND d.lane = l.lane
                    WHERE {leases}) c
                WHERE c.was_tried OR c.place <= @claimed)
            """,
            cancellationToken,
            parameters);
    }
}
