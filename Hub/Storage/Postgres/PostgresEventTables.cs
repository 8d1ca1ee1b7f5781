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
        INSERT INTO deliveries (run_id, destination, lane, partition, operation, profile_id, audience, due_at, created_at, event_id, fact_position, fact_received_at)
        SELECT r.stream_id, r.destination, '{Lane.Live}', (e.profile_id % r.partitions)::integer, 5::smallint, e.profile_id, '', $4::timestamptz, $4::timestamptz, e.event_id, e.position, e.received_at
        FROM unnest($1::uuid[], $2::bigint[], $3::text[], $5::bigint[], $6::timestamptz[]) WITH ORDINALITY AS e(event_id, profile_id, event_name, position, received_at, place)
        JOIN event_routes r ON r.event_name = e.event_name
        WHERE EXISTS (SELECT 1 FROM destination_profiles p WHERE p.destination = r.destination AND p.profile_id = e.profile_id)
           OR EXISTS (SELECT 1 FROM memberships m JOIN audience_syncs s ON s.audience = m.audience
               WHERE m.profile_id = e.profile_id AND m.is_member AND s.destination = r.destination AND s.current_state IN ('{RunState.Planning}', '{RunState.Delivering}'))
           OR EXISTS (SELECT 1 FROM live_routes l JOIN deliveries w ON w.run_id = l.stream_id AND w.profile_id = e.profile_id
               WHERE l.destination = r.destination AND w.{LiveLane.IsState})
        ORDER BY e.place
        """;

    private const string ReplaceRoutesSql =
        """
        WITH wanted AS (SELECT * FROM unnest($1::text[], $2::text[], $3::uuid[]) AS w(destination, event_name, stream_id)),
        gone AS (DELETE FROM event_routes r
            WHERE NOT EXISTS (SELECT 1 FROM wanted w WHERE w.destination = r.destination AND w.event_name = r.event_name)
              AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.run_id = r.stream_id))
        INSERT INTO event_routes (destination, event_name, stream_id, partitions)
        SELECT destination, event_name, stream_id, $4 FROM wanted ORDER BY 1, 2
        ON CONFLICT (destination, event_name) DO UPDATE SET partitions = EXCLUDED.partitions
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

    public async Task ReplaceRoutesAsync(HubDbContext db, IReadOnlyList<EventRoute> routes, int partitions, CancellationToken cancellationToken)
    {
        await using var session = await PostgresSession.OpenAsync(db, cancellationToken);
        await using var command = session.Command(ReplaceRoutesSql)
            .Texts(routes.Column<EventRoute, string?>(route => route.Destination))
            .Texts(routes.Column<EventRoute, string?>(route => route.EventName))
            .Ids(routes.Column(route => LiveStream.IdOf(route.Destination, Lane.Live)))
            .Int(partitions);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
