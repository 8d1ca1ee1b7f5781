namespace IntegrationHub.Storage.Deliveries;

/// <summary>
/// The live lane's book: state keeps no outcome per person, only how many of each there were per destination and minute. Who was refused stands among the
/// dead letters. The same SQL on both dialects.
/// </summary>
public static class LiveCounts
{
    /// <summary>What was settled since a time, the latest minute first.</summary>
    public static async Task<IReadOnlyList<LiveCount>> ReadAsync(HubDbContext db, string destination, DateTimeOffset since, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return await session.ReadAsync(
            """
            SELECT minute, outcome, CAST(sum(count) AS bigint) FROM live_counts WHERE destination = @destination AND minute >= @since
            GROUP BY minute, outcome ORDER BY minute DESC, outcome
            """,
            reader => new LiveCount(reader.Time(0), reader.GetString(1), reader.GetInt64(2)), cancellationToken, ("destination", destination), ("since", since));
    }

    /// <summary>Counts what a claim came to. Each partition has rows of its own, so that no turn waits for another's.</summary>
    internal static async Task AddAsync(DbSession session, Lease lease, IReadOnlyList<Settlement> settlements, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var minute = new DateTimeOffset(now.UtcTicks - (now.UtcTicks % TimeSpan.TicksPerMinute), TimeSpan.Zero);
        foreach (var (outcome, count) in settlements.Where(settlement => lease.Lane == Lane.Live && settlement.Delivery.State is not null).Select(settlement => settlement.Outcome).OfType<string>().CountBy(outcome => outcome))
        {
            await session.ExecuteAsync(
                """
                INSERT INTO live_counts (destination, minute, partition, outcome, count) VALUES (@destination, @minute, @partition, @outcome, @count)
                ON CONFLICT (destination, minute, partition, outcome) DO UPDATE SET count = live_counts.count + excluded.count
                """,
                cancellationToken,
                ("destination", lease.Destination), ("minute", minute), ("partition", lease.Partition), ("outcome", outcome), ("count", (long)count));
        }
    }
}
