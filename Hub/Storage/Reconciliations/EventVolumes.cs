using System.Globalization;

namespace IntegrationHub.Storage.Reconciliations;

/// <summary>Counts events by name: owed at intake, told by receipts; the same SQL on both dialects.</summary>
public static class EventVolumes
{
    /// <summary>Facts are late: so long before a span may be received what happened in it, by clocks that are ahead.</summary>
    private static readonly TimeSpan _clocksApart = TimeSpan.FromHours(1);

    /// <summary>Counts for a destination, by name; names of which nothing was owed or told are left out.</summary>
    /// <param name="db">The context.</param>
    /// <param name="destination">Name of the destination.</param>
    /// <param name="since">When the span begins.</param>
    /// <param name="until">When it ends; not part of it.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public static async Task<IReadOnlyList<EventVolume>> CountAsync(HubDbContext db, string destination, DateTimeOffset since, DateTimeOffset until, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        (string, object?)[] span = [("destination", destination), ("since", since), ("until", until)];
        var owed = await session.ReadAsync(
            "SELECT event_name, CAST(sum(owed) AS bigint) FROM events_owed WHERE destination = @destination AND received_at >= @since AND received_at < @until GROUP BY event_name",
            row => KeyValuePair.Create(row.GetString(0), row.GetInt64(1)), cancellationToken, span);
        var told = await session.ReadAsync(
            $"""
            SELECT name, {Count("received_at < @until AND received_at >= @since AND delivered = 1")}, {Count("received_at < @until AND received_at >= @since AND delivered = 0")},
                {Count("occurred_at >= @since AND occurred_at < @until AND delivered = 1 AND NOT bought")}
            FROM (
                SELECT {Text(session, "name")} AS name, {Has(session, "purchase")} AS bought, f.received_at, f.occurred_at, t.delivered
                FROM (SELECT r.position, max(CASE WHEN r.outcome = 'delivered' THEN 1 ELSE 0 END) AS delivered FROM event_receipts r WHERE r.destination = @destination AND r.at >= @from GROUP BY r.position) t
                JOIN facts f ON f.position = t.position AND f.received_at >= @from
                WHERE f.event_type = 'behavior_tracked') e
            WHERE name IS NOT NULL GROUP BY name
            """,
            row => (Name: row.GetString(0), Delivered: row.GetInt64(1), Ended: row.GetInt64(2), Happened: row.GetInt64(3)), cancellationToken, [.. span, ("from", since - _clocksApart)]);
        var pending = await session.ReadAsync(
            $"""
            SELECT name, count(*) FROM (
                SELECT {Text(session, "name")} AS name FROM deliveries d JOIN facts f ON f.position = d.fact_position AND f.received_at >= @since
                WHERE d.destination = @destination AND d.operation = 5 AND d.fact_received_at >= @since AND d.fact_received_at < @until
                    AND NOT EXISTS (SELECT 1 FROM event_receipts r WHERE r.destination = d.destination AND r.position = d.fact_position)) e
            WHERE name IS NOT NULL GROUP BY name
            """,
            row => KeyValuePair.Create(row.GetString(0), row.GetInt64(1)), cancellationToken, span);
        var (owedOf, toldOf, pendingOf) = (owed.ToDictionary(StringComparer.Ordinal), told.ToDictionary(row => row.Name, StringComparer.Ordinal), pending.ToDictionary(StringComparer.Ordinal));
        return
        [
            .. owedOf.Keys.Union(toldOf.Keys).Union(pendingOf.Keys).Order(StringComparer.Ordinal).Select(name => new EventVolume(
                name, since, until, owedOf.GetValueOrDefault(name), toldOf.GetValueOrDefault(name).Delivered, toldOf.GetValueOrDefault(name).Ended, pendingOf.GetValueOrDefault(name),
                toldOf.GetValueOrDefault(name).Happened, null)),
        ];
    }

    /// <summary>Keeps what was counted for a run, in the caller's transaction; repeats replace.</summary>
    public static async Task SaveAsync(HubDbContext db, Guid runId, IReadOnlyCollection<EventVolume> volumes, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(volumes);
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        await session.ExecuteAsync("DELETE FROM event_volumes WHERE run_id = @run", cancellationToken, ("run", runId));
        foreach (var volume in volumes)
        {
            await session.ExecuteAsync(
                """
                INSERT INTO event_volumes (run_id, event_name, since, until, owed, delivered, ended, pending, happened, told)
                VALUES (@run, @name, @since, @until, @owed, @delivered, @ended, @pending, @happened, @told)
                """,
                cancellationToken,
                ("run", runId), ("name", volume.EventName), ("since", volume.Since), ("until", volume.Until), ("owed", volume.Owed), ("delivered", volume.Delivered), ("ended", volume.Ended),
                ("pending", volume.Pending), ("happened", volume.Happened), ("told", volume.Told));
        }
    }

    /// <summary>What was counted for a run, by name.</summary>
    public static async Task<IReadOnlyList<EventVolume>> ListAsync(HubDbContext db, Guid runId, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return await session.ReadAsync(
            "SELECT event_name, since, until, owed, delivered, ended, pending, happened, told FROM event_volumes WHERE run_id = @run ORDER BY event_name",
            row => new EventVolume(
                row.GetString(0), row.Time(1), row.Time(2), row.GetInt64(3), row.GetInt64(4), row.GetInt64(5), row.GetInt64(6), row.GetInt64(7), row.IsDBNull(8) ? null : row.GetInt64(8)),
            cancellationToken, ("run", runId));
    }

    private static string Count(string condition) => string.Create(CultureInfo.InvariantCulture, $"CAST(sum(CASE WHEN {condition} THEN 1 ELSE 0 END) AS bigint)");

    /// <summary>A text of the payload, in SQL; null of a fact that was emptied.</summary>
    private static string Text(DbSession session, string property) => session.IsSqlite ? $"json_extract(f.body, '$.payload.{property}')" : $"CAST(f.body AS json) -> 'payload' ->> '{property}'";

    private static string Has(DbSession session, string property) => $"({Text(session, property)} IS NOT NULL)";
}
