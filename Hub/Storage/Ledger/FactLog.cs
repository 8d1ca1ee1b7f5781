using System.Data.Common;
using IntegrationHub.Storage.Sealing;

namespace IntegrationHub.Storage.Ledger;

/// <summary>
/// Reads the log by position, alike on every dialect. Positions become visible in their order, so that who goes on from where a part ended misses nothing and
/// meets nothing twice, whoever writes meanwhile.
/// </summary>
public static class FactLog
{
    /// <summary>Most facts that one call looks at: with a filter it may find few among them.</summary>
    public const int MostLookedAt = 10_000;

    // What is looked at is bounded, so that a rare type costs no read of the whole log.
    private const string PartSql =
        """
        SELECT max(position), count(*), min(received_at), max(received_at)
        FROM (SELECT position, received_at FROM fact_ids WHERE position > @after AND position <= @until ORDER BY position LIMIT @most) part
        """;

    // The times tell which partitions the part lies in: without them every partition of the log is opened, at any position.
    private const string FactsSql =
        """
        SELECT position, received_at, event_id, event_type, schema_version, occurred_at, producer, profile_id, body, correlation_id
        FROM facts
        WHERE position > @after AND position <= @last AND received_at >= @from AND received_at <= @to AND (event_type = @type OR @type = '')
          AND occurred_at >= @since AND occurred_at < @before
        ORDER BY position LIMIT @limit
        """;

    /// <summary>Reads the facts after a position that a filter takes.</summary>
    /// <param name="db">Context.</param>
    /// <param name="after">Position after which to begin; 0 for the begin of the log.</param>
    /// <param name="filter">Which facts.</param>
    /// <param name="limit">Most facts to return, from 1 to <see cref="MostLookedAt"/>.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public static async Task<LogPage> ReadAsync(HubDbContext db, long after, LogFilter filter, int limit, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(filter);
        ArgumentOutOfRangeException.ThrowIfNegative(after);
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, MostLookedAt);
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        var keys = SealingKeys.Of(db);
        var most = filter.Narrows ? MostLookedAt : limit;
        if (await FindPartAsync(session, after, filter.Until ?? long.MaxValue, most, cancellationToken) is not { } part)
        {
            return new LogPage([], after, IsLast: true);
        }

        var facts = await session.ReadAsync(
            FactsSql, reader => Fact(reader, keys), cancellationToken,
            ("after", after), ("last", part.Last), ("from", part.From), ("to", part.To), ("type", filter.EventType ?? ""), ("limit", limit),
            ("since", filter.Since ?? DateTimeOffset.MinValue), ("before", filter.Before ?? DateTimeOffset.MaxValue));
        var isFull = facts.Count == limit;
        return new LogPage(facts, isFull ? facts[^1].Place.Position : part.Last, !isFull && part.Looked < most);
    }

    /// <summary>The log's end: the highest position, 0 when the log is empty.</summary>
    public static async Task<long> FindEndAsync(HubDbContext db, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return await session.ScalarAsync("SELECT max(position) FROM fact_ids", cancellationToken) is long end ? end : 0;
    }

    /// <summary>A position that all facts follow which came in at a time or later; 0 when that is all of the log.</summary>
    public static async Task<long> FindStartAsync(HubDbContext db, DateTimeOffset receivedSince, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return await session.ScalarAsync("SELECT min(position) FROM facts WHERE received_at >= @since", cancellationToken, ("since", receivedSince)) is long first ? first - 1 : 0;
    }

    /// <summary>The next part of the log after a position; null at its end.</summary>
    internal static async Task<LoggedPart?> FindPartAsync(DbSession session, long after, long until, int most, CancellationToken cancellationToken) => (await session.ReadAsync(
        PartSql,
        reader => reader.IsDBNull(0) ? null : new LoggedPart(reader.GetInt64(0), reader.GetInt64(1), reader.Time(2), reader.Time(3)),
        cancellationToken, ("after", after), ("until", until), ("most", most)))[0];

    private static LoggedFact Fact(DbDataReader reader, SealingKeys keys) => new(
        new FactPlace(reader.GetInt64(0), reader.Time(1)), reader.GetGuid(2), reader.GetString(3), reader.GetInt32(4), reader.Time(5), reader.GetString(6),
        reader.IsDBNull(7) ? null : reader.GetInt64(7), keys.Open(SealedColumn.FactBody, reader.GetGuid(2), reader.GetString(8))) { CorrelationId = reader.TextOrNull(9) };
}
