using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Ledger;

namespace IntegrationHub.Storage.Postgres;

/// <summary>Events and their routes on PostgreSQL.</summary>
internal sealed class PostgresEventTables : IEventTables
{
    // Told wherever a changed consent would be: where the person is known, or a run that is under way may make the person known in a moment.
    private const string OweSql =
        $"""
        WITH owed AS (INSERT INTO deliveries (run_id, destination, lane, partition, operation, profile_id, audience, due_at, created_at, event_id, fact_position, fact_received_at)
        SELECT r.stream_id, r.destination, '{Lane.Live}', (e.profile_id % r.partitions)::integer, 5::smallint, e.profile_id, '', $4::timestamptz, $4::timestamptz, e.event_id, e.position, e.received_at
        FROM unnest($1::uuid[], $2::bigint[], $3::text[], $5::bigint[], $6::timestamptz[]) WITH ORDINALITY AS e(event_id, profile_id, event_name, position, received_at, place)
        JOIN event_routes r ON r.event_name = e.event_name
        WHERE EXISTS (SELECT 1 FROM destination_profiles p WHERE p.destination = r.destination AND p.profile_id = e.profile_id)
           OR EXISTS (SELECT 1 FROM memberships m JOIN audience_syncs s ON s.audience = m.audience
               WHERE m.profile_id = e.profile_id AND m.is_member AND s.destination = r.destination AND s.current_state IN ('{RunState.Planning}', '{RunState.Delivering}'))
           OR EXISTS (SELECT 1 FROM live_routes l JOIN deliveries w ON w.run_id = l.stream_id AND w.profile_id = e.profile_id
               WHERE l.destination = r.destination AND w.{LiveLane.IsState})
        ORDER BY e.place
        RETURNING destination, event_id, fact_received_at)
        INSERT INTO events_owed (destination, event_name, received_at, owed)
        SELECT o.destination, e.event_name, o.fact_received_at, count(*)
        FROM owed o JOIN unnest($1::uuid[], $3::text[]) AS e(event_id, event_name) ON e.event_id = o.event_id GROUP BY 1, 2, 3
        """;

    public async Task OweAsync(HubDbContext db, IReadOnlyList<EventRow> events, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var session = await PostgresSession.OpenInTransactionAsync(db, cancellationToken);
        await using var command = session.Command(OweSql)
            .Ids(events.Column(row => row.EventId))
            .Longs(events.Column(row => row.ProfileId))
            .Texts(events.Column<EventRow, string?>(row => row.Name))
            .Time(now)
            .Longs(events.Column(row => row.Place.Position))
            .Times(events.Column<EventRow, DateTimeOffset?>(row => row.Place.ReceivedAt));
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
