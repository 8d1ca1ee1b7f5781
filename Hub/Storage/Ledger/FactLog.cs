using System.Data.Common;

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
        FROM (SELECT position, received_at FROM fact_ids WHERE position > @after ORDER BY position LIMIT @most) part
        """;

    // The times tell which partitions the part lies in: without them every partition of the log is opened, at any position.
    private const string FactsSql =
        """
        SELECT position, received_at, event_id, event_type, schema_version, occurred_at, producer, profile_id, body
        FROM facts
        WHERE position > @after AND position <= @last AND received_at >= @from AND received_at <= @to AND (event_type = @type OR @type = '')
        ORDER BY position LIMIT @limit
        """;

    /// <summary>Reads the facts after a position.</summary>
    /// <param name="db">Context.</param>
    /// <param name="after">Position after which to begin; 0 for the begin of the log.</param>
    /// <param name="eventType">Only facts of this type; null for all.</param>
    /// <param name="limit">Most facts to return, from 1 to <see cref="MostLookedAt"/>.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public static async Task<LogPage> ReadAsync(HubDbContext db, long after, string? eventType, int limit, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(after);
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(limit, MostLookedAt);
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        var most = eventType is null ? limit : MostLookedAt;
        var parts = await session.ReadAsync(
            PartSql,
            reader => reader.IsDBNull(0) ? null : new Part(reader.GetInt64(0), reader.GetInt64(1), reader.Time(2), reader.Time(3)),
            cancellationToken, ("after", after), ("most", most));
        if (parts[0] is not { } part)
        {
            return new LogPage([], after, IsLast: true);
        }

        var facts = await session.ReadAsync(
            FactsSql, Fact, cancellationToken, ("after", after), ("last", part.Last), ("from", part.From), ("to", part.To), ("type", eventType ?? ""), ("limit", limit));
        var isFull = facts.Count == limit;
        return new LogPage(facts, isFull ? facts[^1].Place.Position : part.Last, !isFull && part.Looked < most);
    }

    private static LoggedFact Fact(DbDataReader reader) => new(
        new FactPlace(reader.GetInt64(0), reader.Time(1)), reader.GetGuid(2), reader.GetString(3), reader.GetInt32(4), reader.Time(5), reader.GetString(6),
        reader.IsDBNull(7) ? null : reader.GetInt64(7), reader.GetString(8));

    /// <summary>Which part of the log is looked at.</summary>
    private sealed record Part(long Last, long Looked, DateTimeOffset From, DateTimeOffset To);
}
