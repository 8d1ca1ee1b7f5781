using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using IntegrationHub.Storage.Sealing;

namespace IntegrationHub.Storage.Reconciliations;

/// <summary>Counts events by name: owed at intake, told by receipts; the same SQL on both dialects.</summary>
public static class EventVolumes
{
    /// <summary>Facts are late: so long before a span may be received what happened in it, by clocks that are ahead.</summary>
    private static readonly TimeSpan _clocksApart = TimeSpan.FromHours(1);

    /// <summary>1 in SQL where a fact is sealed, else 0.</summary>
    private const string IsSealed = $"(CASE WHEN f.body LIKE '{SealingKeys.Sealed}%' THEN 1 ELSE 0 END)";

    /// <summary>What a destination has receipts of, in SQL: each event once.</summary>
    private const string Told =
        "(SELECT r.position, max(CASE WHEN r.outcome = 'delivered' THEN 1 ELSE 0 END) AS delivered FROM event_receipts r WHERE r.destination = @destination AND r.at >= @from GROUP BY r.position) t";

    /// <summary>What is owed yet, in SQL, with its fact.</summary>
    private const string Pending =
        """
        deliveries d JOIN facts f ON f.position = d.fact_position AND f.received_at >= @since
        WHERE d.destination = @destination AND d.operation = 5 AND d.fact_received_at >= @since AND d.fact_received_at < @until
            AND NOT EXISTS (SELECT 1 FROM event_receipts r WHERE r.destination = d.destination AND r.position = d.fact_position)
        """;

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
                {Count("occurred_at >= @since AND occurred_at < @until AND delivered = 1 AND NOT bought")}, sealed
            FROM (
                SELECT {Text(session, "name")} AS name, {Has(session, "purchase")} AS bought, f.received_at, f.occurred_at, t.delivered, {IsSealed} AS sealed
                FROM {Told}
                JOIN facts f ON f.position = t.position AND f.received_at >= @from
                WHERE f.event_type = 'behavior_tracked') e
            WHERE name IS NOT NULL OR sealed = 1 GROUP BY name, sealed
            """,
            row => (Name: row.TextOrNull(0), Delivered: row.GetInt64(1), Ended: row.GetInt64(2), Happened: row.GetInt64(3)), cancellationToken, [.. span, ("from", since - _clocksApart)]);
        var pending = await session.ReadAsync(
            $"""
            SELECT name, count(*) FROM (
                SELECT {Text(session, "name")} AS name, {IsSealed} AS sealed FROM {Pending}) e
            WHERE name IS NOT NULL OR sealed = 1 GROUP BY name, sealed
            """,
            row => (Name: row.TextOrNull(0), Count: row.GetInt64(1)), cancellationToken, span);
        var owedOf = owed.ToDictionary(StringComparer.Ordinal);
        var toldOf = told.Where(row => row.Name is not null).ToDictionary(row => row.Name!, row => (row.Delivered, row.Ended, row.Happened), StringComparer.Ordinal);
        var pendingOf = pending.Where(row => row.Name is not null).ToDictionary(row => row.Name!, row => row.Count, StringComparer.Ordinal);
        if (told.Exists(row => row.Name is null))
        {
            await AddSealedTellingAsync(db, session, toldOf, since, until, [.. span, ("from", since - _clocksApart)], cancellationToken);
        }

        if (pending.Exists(row => row.Name is null))
        {
            await foreach (var (name, _, _, _, _) in SealedAsync(db, session, $"SELECT f.event_id, f.body, f.received_at, f.occurred_at, 0 FROM {Pending} AND {IsSealed} = 1", span, cancellationToken))
            {
                pendingOf[name] = pendingOf.GetValueOrDefault(name) + 1;
            }
        }

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

    /// <summary>What SQL cannot look into is counted here.</summary>
    private static async Task AddSealedTellingAsync(
        HubDbContext db, DbSession session, Dictionary<string, (long Delivered, long Ended, long Happened)> toldOf, DateTimeOffset since, DateTimeOffset until, (string, object?)[] span, CancellationToken cancellationToken)
    {
        var facts = SealedAsync(
            db, session, $"SELECT f.event_id, f.body, f.received_at, f.occurred_at, t.delivered FROM {Told} JOIN facts f ON f.position = t.position AND f.received_at >= @from WHERE f.event_type = 'behavior_tracked' AND {IsSealed} = 1",
            span, cancellationToken);
        await foreach (var (name, isBought, receivedAt, occurredAt, isDelivered) in facts.WithCancellation(cancellationToken))
        {
            var (delivered, ended, happened) = toldOf.GetValueOrDefault(name);
            var isOfSpan = receivedAt >= since && receivedAt < until;
            toldOf[name] = (
                delivered + (isOfSpan && isDelivered ? 1 : 0), ended + (isOfSpan && !isDelivered ? 1 : 0),
                happened + (occurredAt >= since && occurredAt < until && isDelivered && !isBought ? 1 : 0));
        }
    }

    /// <summary>Events with a name, of facts whose bodies are sealed; one at a time.</summary>
    private static async IAsyncEnumerable<(string Name, bool IsBought, DateTimeOffset ReceivedAt, DateTimeOffset OccurredAt, bool IsDelivered)> SealedAsync(
        HubDbContext db, DbSession session, string sql, (string, object?)[] span, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var keys = SealingKeys.Of(db);
        await using var command = session.Command(sql, span);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        while (await reader.ReadAsync(cancellationToken))
        {
            if (keys.OpenFact(reader, 0, 1) is not { Length: > 0 } body)
            {
                continue;
            }

            using var fact = JsonDocument.Parse(body);
            if (fact.RootElement.TryGetProperty("payload", out var payload) && payload.ValueKind == JsonValueKind.Object && payload.TryGetProperty("name", out var name) && name.ValueKind == JsonValueKind.String)
            {
                var isBought = payload.TryGetProperty("purchase", out var purchase) && purchase.ValueKind != JsonValueKind.Null;
                yield return (name.GetString()!, isBought, reader.Time(2), reader.Time(3), reader.GetInt32(4) == 1);
            }
        }
    }

    private static string Count(string condition) => string.Create(CultureInfo.InvariantCulture, $"CAST(sum(CASE WHEN {condition} THEN 1 ELSE 0 END) AS bigint)");

    /// <summary>A text of the payload, in SQL; null of a fact that was emptied, and of one that is sealed.</summary>
    private static string Text(DbSession session, string property) =>
        $"CASE WHEN {IsSealed} = 0 THEN {(session.IsSqlite ? $"json_extract(f.body, '$.payload.{property}')" : $"CAST(f.body AS json) -> 'payload' ->> '{property}'")} END";

    private static string Has(DbSession session, string property) => $"({Text(session, property)} IS NOT NULL)";
}
