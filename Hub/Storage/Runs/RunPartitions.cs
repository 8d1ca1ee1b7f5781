namespace IntegrationHub.Storage.Runs;

/// <summary>Where in the queue the records of a run wait, and who works on them. Reads the beginning of each partition and never the whole queue; the same SQL on both dialects.</summary>
public static class RunPartitions
{
    /// <summary>So many records of a partition are looked at, those that were owed first.</summary>
    public const int MostLooked = 1_000;

    private const string DatabaseClock = "{0}";

    private static readonly string _first = $"FROM deliveries x WHERE x.run_id = @run AND x.partition = p.number ORDER BY x.delivery_id LIMIT {MostLooked}";

    private static readonly string _sql =
        $"""
        WITH RECURSIVE p(number) AS (
            SELECT min(d.partition) FROM deliveries d WHERE d.run_id = @run
            UNION ALL
            SELECT (SELECT min(d.partition) FROM deliveries d WHERE d.run_id = @run AND d.partition > p.number) FROM p WHERE p.number IS NOT NULL)
        SELECT p.number,
            (SELECT count(*) FROM (SELECT x.delivery_id {_first}) y),
            (SELECT min(y.created_at) FROM (SELECT x.created_at {_first}) y),
            (SELECT min(y.due_at) FROM (SELECT x.due_at {_first}) y),
            (SELECT max(y.attempt) FROM (SELECT x.attempt {_first}) y),
            (SELECT max(y.last_code) FROM (SELECT x.last_code {_first}) y),
            (SELECT max(l.owner) FROM (SELECT x.destination, x.lane FROM deliveries x WHERE x.run_id = @run AND x.partition = p.number ORDER BY x.delivery_id LIMIT 1) y
                JOIN leases l ON l.destination = y.destination AND l.lane = y.lane AND l.partition = p.number WHERE l.owner <> '' AND l.expires_at > {DatabaseClock})
        FROM p WHERE p.number IS NOT NULL ORDER BY p.number
        """;

    /// <summary>The partitions in which something of a run waits, by their numbers.</summary>
    public static async Task<IReadOnlyList<RunPartition>> ListAsync(HubDbContext db, Guid runId, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return await session.ReadAsync(
            _sql.Replace(DatabaseClock, session.Clock, StringComparison.Ordinal),
            row => new RunPartition(row.GetInt32(0), row.GetInt64(1), row.Time(2), row.Time(3), row.GetInt32(4), row.TextOrNull(5), row.TextOrNull(6)),
            cancellationToken, ("run", runId));
    }
}
