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

    // Each partition has an index by position; their first rows are merged. What is looked at is bounded, so that a rare type costs no read of the whole log.
    private const string Sql =
        """
        WITH part AS MATERIALIZED (
            SELECT position, received_at, event_id, event_type, schema_version, occurred_at, producer, profile_id, body
            FROM facts WHERE position > @after ORDER BY position LIMIT @most)
        SELECT l.last, l.looked, f.position, f.received_at, f.event_id, f.event_type, f.schema_version, f.occurred_at, f.producer, f.profile_id, f.body
        FROM (SELECT max(position) AS last, count(*) AS looked FROM part) l
        LEFT JOIN (SELECT * FROM part WHERE event_type = @type OR @type = '' ORDER BY position LIMIT @limit) f ON true
        ORDER BY f.position
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
        var rows = await session.ReadAsync(
            Sql,
            reader => (Last: reader.IsDBNull(0) ? after : reader.GetInt64(0), Looked: reader.GetInt64(1), Fact: reader.IsDBNull(2) ? null : Fact(reader)),
            cancellationToken, ("after", after), ("most", most), ("type", eventType ?? ""), ("limit", limit));
        List<LoggedFact> facts = [.. rows.Select(row => row.Fact).OfType<LoggedFact>()];
        var isFull = facts.Count == limit;
        return new LogPage(facts, isFull ? facts[^1].Place.Position : rows[0].Last, !isFull && rows[0].Looked < most);
    }

    private static LoggedFact Fact(DbDataReader reader) => new(
        new FactPlace(reader.GetInt64(2), reader.Time(3)), reader.GetGuid(4), reader.GetString(5), reader.GetInt32(6), reader.Time(7), reader.GetString(8),
        reader.IsDBNull(9) ? null : reader.GetInt64(9), reader.GetString(10));
}
