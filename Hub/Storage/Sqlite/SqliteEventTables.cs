using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Ledger;

namespace IntegrationHub.Storage.Sqlite;

/// <summary>Events and their routes on SQLite.</summary>
internal sealed class SqliteEventTables : IEventTables
{
    // Told wherever a changed consent would be: where the person is known, or a run that is under way may make the person known in a moment.
    private const string OwedSql =
        $"""
        FROM (SELECT key AS place, json_extract(value, '$[0]') AS event_id, json_extract(value, '$[1]') AS profile_id,
                     json_extract(value, '$[2]') AS event_name, json_extract(value, '$[3]') AS position, json_extract(value, '$[4]') AS received_at FROM json_each(@rows)) e
        CROSS JOIN event_routes r ON r.event_name = e.event_name
        WHERE EXISTS (SELECT 1 FROM destination_profiles p WHERE p.destination = r.destination AND p.profile_id = e.profile_id)
           OR EXISTS (SELECT 1 FROM memberships m JOIN audience_syncs s ON s.audience = m.audience
               WHERE m.profile_id = e.profile_id AND m.is_member AND s.destination = r.destination AND s.current_state IN ('{RunState.Planning}', '{RunState.Delivering}'))
           OR EXISTS (SELECT 1 FROM live_routes l JOIN deliveries w ON w.run_id = l.stream_id AND w.profile_id = e.profile_id
               WHERE l.destination = r.destination AND w.{LiveLane.IsState})
        """;

    private const string OweSql =
        $"""
        INSERT INTO events_owed (destination, event_name, received_at, owed) SELECT r.destination, r.event_name, e.received_at, count(*) {OwedSql} GROUP BY 1, 2, 3;
        INSERT INTO deliveries (run_id, destination, lane, partition, operation, profile_id, audience, due_at, attempt, created_at, event_id, fact_position, fact_received_at)
        SELECT r.stream_id, r.destination, '{Lane.Live}', e.profile_id % r.partitions, 5, e.profile_id, '', @now, 0, @now, e.event_id, e.position, e.received_at {OwedSql} ORDER BY e.place;
        """;

    public async Task OweAsync(HubDbContext db, IReadOnlyList<EventRow> events, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        var rows = JsonRows.Of(events, (writer, row) =>
        {
            writer.Id(row.EventId);
            writer.WriteNumberValue(row.ProfileId);
            writer.WriteStringValue(row.Name);
            writer.WriteNumberValue(row.Place.Position);
            writer.Time(row.Place.ReceivedAt);
        });
        await session.ExecuteAsync(OweSql, cancellationToken, ("rows", rows), ("now", now));
    }
}
