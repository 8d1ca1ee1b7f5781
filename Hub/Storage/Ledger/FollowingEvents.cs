using System.Text.Json;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Sealing;
using IntegrationHub.Storage.Sqlite;

namespace IntegrationHub.Storage.Ledger;

/// <summary>
/// What somebody did before it was known who it is, is told wherever the person is known: of the last thirty days, at most a thousand events at a time, the latest of them. A
/// destination that knew the anonymous profile, or was told already, is not told again; what a restored database cannot know to be untold is taken as perhaps told.
/// </summary>
internal static class FollowingEvents
{
    private const int Most = 1_000;
    private static readonly TimeSpan _reach = TimeSpan.FromDays(30);

    /// <summary>Owes the events, the earlier ones first, in the caller's transaction.</summary>
    /// <param name="db">The context with its open transaction.</param>
    /// <param name="joins">Anonymous profiles, and the profiles of whom they turned out to be.</param>
    /// <param name="now">The hub's time.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public static async Task OweAsync(HubDbContext db, IReadOnlyCollection<(long From, long To)> joins, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (joins.Count == 0)
        {
            return;
        }

        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        var keys = SealingKeys.Of(db);
        var happened = await session.ReadAsync(
            $"""
            SELECT f.event_id, f.position, f.received_at, f.body, r.from_id, r.to_id FROM {session.Rows(("from_id", "bigint"), ("to_id", "bigint"))} r
            {session.Lookup("facts", "f", "f.profile_id = r.from_id AND f.received_at > @since")}
            WHERE f.event_type = 'behavior_tracked' ORDER BY f.occurred_at DESC, f.position DESC LIMIT {Most}
            """,
            row => (EventId: row.GetGuid(0), Position: row.GetInt64(1), ReceivedAt: row.Time(2), Name: NameIn(keys.OpenOrNothing(SealedColumn.FactBody, row.GetGuid(0), row.GetString(3))), From: row.GetInt64(4), To: row.GetInt64(5)),
            cancellationToken,
            ("since", now - _reach),
            ("rows", JsonRows.Of(joins, (writer, join) =>
            {
                writer.WriteNumberValue(join.From);
                writer.WriteNumberValue(join.To);
            })));
        var (id, at) = session.IsSqlite ? ("r.event_id", "r.received_at") : ("CAST(r.event_id AS uuid)", "(TIMESTAMPTZ 'epoch' + r.received_at * INTERVAL '1 microsecond')");
        var rows = JsonRows.Of(happened.Where(one => one.Name is not null).Reverse().Select((one, place) => (one, place)), (writer, row) =>
        {
            writer.WriteNumberValue(row.place);
            writer.Id(row.one.EventId);
            writer.WriteStringValue(row.one.Name);
            writer.WriteNumberValue(row.one.Position);
            writer.WriteNumberValue(session.IsSqlite ? row.one.ReceivedAt.UtcTicks : (row.one.ReceivedAt.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks) / TimeSpan.TicksPerMicrosecond);
            writer.WriteNumberValue(row.one.From);
            writer.WriteNumberValue(row.one.To);
        });
        var owed =
            $"""
            FROM {session.Rows(("place", "integer"), ("event_id", "text"), ("name", "text"), ("position", "bigint"), ("received_at", "bigint"), ("from_id", "bigint"), ("to_id", "bigint"))} r
            JOIN event_routes e ON e.event_name = r.name
            WHERE EXISTS (SELECT 1 FROM destination_profiles p WHERE p.destination = e.destination AND p.profile_id = r.to_id)
              AND NOT EXISTS (SELECT 1 FROM destination_profiles p WHERE p.destination = e.destination AND p.profile_id = r.from_id)
              AND NOT EXISTS (SELECT 1 FROM event_receipts x WHERE x.destination = e.destination AND x.position = r.position)
              AND NOT EXISTS (SELECT 1 FROM deliveries w WHERE w.fact_received_at = {at} AND w.fact_position = r.position AND w.destination = e.destination)
            """;
        await session.ExecuteAsync($"INSERT INTO events_owed (destination, event_name, received_at, owed) SELECT e.destination, r.name, {at}, count(*) {owed} GROUP BY 1, 2, 3", cancellationToken, ("rows", rows));
        await session.ExecuteAsync(
            $"""
            INSERT INTO deliveries (run_id, destination, lane, partition, operation, profile_id, audience, due_at, attempt, created_at, event_id, fact_position, fact_received_at, sending_since)
            SELECT e.stream_id, e.destination, '{Lane.Live}', CAST(r.to_id % e.partitions AS integer), 5, r.to_id, '', @now, 0, @now, {id}, r.position, {at}, CASE WHEN {at} < {session.Instant("@restored")} THEN {at} END
            {owed} ORDER BY r.place
            """,
            cancellationToken, ("now", now), ("rows", rows), ("restored", await RestoredDatabase.LastAsync(db, cancellationToken) ?? DateTimeOffset.UnixEpoch));
    }

    private static string? NameIn(string body)
    {
        if (body.Length == 0)
        {
            return null;
        }

        using var fact = JsonDocument.Parse(body);
        return fact.RootElement.TryGetProperty("payload", out var payload) && payload.ValueKind == JsonValueKind.Object && payload.TryGetProperty("name", out var name) && name.ValueKind == JsonValueKind.String
            ? name.GetString()
            : null;
    }
}
