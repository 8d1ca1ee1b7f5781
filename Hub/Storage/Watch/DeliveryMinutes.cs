using System.Data.Common;
using IntegrationHub.Storage.Deliveries;

namespace IntegrationHub.Storage.Watch;

/// <summary>What went where, minute by minute: written by the settlement itself, with one statement; the same SQL on both dialects.</summary>
public static class DeliveryMinutes
{
    private static readonly string[] _counts = ["delivered", "unchanged", "suppressed", "rejected", "dead_lettered", "retried"];
    private static readonly string[] _columns = [.. _counts, .. LagHistogram.Seconds.Select(bound => $"lag_{bound}"), "lag_more"];

    private static readonly string _addSql =
        $"""
        INSERT INTO delivery_minutes (destination, lane, minute, partition, {string.Join(", ", _columns)})
        VALUES (@destination, @lane, @minute, @partition, {string.Join(", ", _columns.Select(column => $"@{column}"))})
        ON CONFLICT (destination, minute, lane, partition) DO UPDATE SET {string.Join(", ", _columns.Select(column => $"{column} = delivery_minutes.{column} + excluded.{column}"))}
        """;

    private static readonly string _sums = string.Join(", ", _columns.Select(column => $"CAST(sum({column}) AS bigint)"));

    /// <summary>What was settled since a time, one row per lane of a destination.</summary>
    /// <param name="db">The context.</param>
    /// <param name="since">From the minute of this time on.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public static async Task<IReadOnlyList<DeliveryMinute>> SumAsync(HubDbContext db, DateTimeOffset since, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return await session.ReadAsync(
            $"SELECT destination, lane, max(minute), {_sums} FROM delivery_minutes WHERE minute >= @since GROUP BY destination, lane ORDER BY destination, lane",
            Read, cancellationToken, ("since", MinuteOf(since)));
    }

    /// <summary>What was settled for a destination since a time, minute by minute, the latest first.</summary>
    public static async Task<IReadOnlyList<DeliveryMinute>> ListAsync(HubDbContext db, string destination, DateTimeOffset since, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return await session.ReadAsync(
            $"SELECT destination, lane, minute, {_sums} FROM delivery_minutes WHERE destination = @destination AND minute >= @since GROUP BY destination, lane, minute ORDER BY minute DESC, lane",
            Read, cancellationToken, ("destination", destination), ("since", MinuteOf(since)));
    }

    /// <summary>What was settled since a time, minute by minute over all lanes, the first one first.</summary>
    /// <param name="db">The context.</param>
    /// <param name="destination">The destination, or null for all.</param>
    /// <param name="since">From the minute of this time on.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public static async Task<IReadOnlyList<DeliveryMinute>> SeriesAsync(HubDbContext db, string? destination, DateTimeOffset since, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return await session.ReadAsync(
            $"SELECT '', '', minute, {_sums} FROM delivery_minutes WHERE minute >= @since {(destination is null ? "" : "AND destination = @destination")} GROUP BY minute ORDER BY minute",
            Read, cancellationToken, [("since", MinuteOf(since)), .. destination is null ? Array.Empty<(string, object?)>() : [("destination", destination)]]);
    }

    /// <summary>The code that most of what a destination did not take since a time met, by destination.</summary>
    public static async Task<IReadOnlyDictionary<string, string>> WorstCodesAsync(HubDbContext db, DateTimeOffset since, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        var codes = await session.ReadAsync(
            "SELECT destination, code, count(*) FROM dead_letters WHERE at >= @since GROUP BY destination, code ORDER BY destination, count(*) DESC, code",
            row => (Destination: row.GetString(0), Code: row.GetString(1)), cancellationToken, ("since", since));
        return codes.DistinctBy(code => code.Destination).ToDictionary(code => code.Destination, code => code.Code, StringComparer.Ordinal);
    }

    /// <summary>Counts what a claim came to. Each partition has rows of its own, so that no turn waits for another's.</summary>
    internal static async Task AddAsync(DbSession session, Lease lease, IReadOnlyList<Settlement> settlements, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var (counts, lag) = (new long[_counts.Length], new LagHistogram());
        foreach (var settlement in settlements)
        {
            switch (settlement.Outcome)
            {
                case LedgerOutcome.Delivered or LedgerOutcome.Unchanged:
                    counts[settlement.Outcome == LedgerOutcome.Delivered ? 0 : 1]++;
                    if (settlement.Delivery.OwedSince is { } since)
                    {
                        lag.Add(now - since);
                    }

                    break;
                case LedgerOutcome.Suppressed:
                    counts[2]++;
                    break;
                case LedgerOutcome.Rejected:
                    counts[3]++;
                    break;
                case LedgerOutcome.DeadLettered:
                    counts[4]++;
                    break;
                case null when settlement.CostsAttempt:
                    counts[5]++;
                    break;
            }
        }

        if (counts.Sum() == 0)
        {
            return;
        }

        await session.ExecuteAsync(
            _addSql, cancellationToken,
            [
                ("destination", lease.Destination), ("lane", lease.Lane), ("minute", MinuteOf(now)), ("partition", lease.Partition),
                .. _columns.Zip([.. counts, .. lag.Counts], (column, count) => (column, (object?)count)),
            ]);
    }

    private static DateTimeOffset MinuteOf(DateTimeOffset at) => new(at.UtcTicks - (at.UtcTicks % TimeSpan.TicksPerMinute), TimeSpan.Zero);

    private static DeliveryMinute Read(DbDataReader row)
    {
        const int First = 3;
        var lag = new LagHistogram();
        for (var bucket = 0; bucket < lag.Counts.Count; bucket++)
        {
            lag.Add(bucket, row.GetInt64(First + _counts.Length + bucket));
        }

        return new DeliveryMinute(row.GetString(0), row.GetString(1), row.Time(2))
        {
            Delivered = row.GetInt64(First), Unchanged = row.GetInt64(First + 1), Suppressed = row.GetInt64(First + 2),
            Rejected = row.GetInt64(First + 3), DeadLettered = row.GetInt64(First + 4), Retried = row.GetInt64(First + 5), Lag = lag,
        };
    }
}
