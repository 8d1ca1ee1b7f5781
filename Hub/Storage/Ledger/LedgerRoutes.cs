using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Sqlite;

namespace IntegrationHub.Storage.Ledger;

/// <summary>What the ledger tells destinations of, by the configuration of the hub that started last. Two that start at once come to one table.</summary>
internal static class LedgerRoutes
{
    /// <summary>Replaces the destinations of audiences.</summary>
    public static Task OfAudiencesAsync(HubDbContext db, IReadOnlyList<AudienceRoute> routes, CancellationToken cancellationToken) => ReplaceAsync(
        db, "audience_routes", ("destination", "audience"), "", [.. routes.Select(route => (route.Destination, route.Audience)).Distinct()], null, cancellationToken);

    /// <summary>Replaces the purposes of consent that destinations keep.</summary>
    public static Task OfConsentsAsync(HubDbContext db, IReadOnlyList<ConsentRoute> routes, int partitions, CancellationToken cancellationToken) => ReplaceAsync(
        db, "consent_routes", ("destination", "purpose"), "", [.. routes.Select(route => (route.Destination, route.Purpose)).Distinct()], (static destination => LiveStream.IdOf(destination), partitions), cancellationToken);

    /// <summary>Replaces the events that destinations are told of; a route that is gone stays while deliveries of its destination's stream wait.</summary>
    public static Task OfEventsAsync(HubDbContext db, IReadOnlyList<EventRoute> routes, int partitions, CancellationToken cancellationToken) => ReplaceAsync(
        db, "event_routes", ("destination", "event_name"), "AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.run_id = event_routes.stream_id)",
        [.. routes.Select(route => (route.Destination, route.EventName)).Distinct()], (static destination => LiveStream.IdOf(destination, Lane.Live), partitions), cancellationToken);

    private static async Task ReplaceAsync(
        HubDbContext db, string table, (string First, string Second) key, string unlessKept, IReadOnlyList<(string First, string Second)> routes,
        (Func<string, Guid> StreamOf, int Partitions)? stream, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        var wanted = $"{session.Rows(("first", "text"), ("second", "text"), ("stream_id", "text"))} w";
        (string, object?)[] rows =
        [
            ("rows", JsonRows.Of(routes.Order(), (writer, route) =>
            {
                writer.WriteStringValue(route.First);
                writer.WriteStringValue(route.Second);
                writer.OptionalId(stream?.StreamOf(route.First));
            })),
        ];
        await session.ExecuteAsync(
            $"DELETE FROM {table} WHERE NOT EXISTS (SELECT 1 FROM {wanted} WHERE w.first = {table}.{key.First} AND w.second = {table}.{key.Second}) {unlessKept}", cancellationToken, rows);
        await session.ExecuteAsync(
            stream is null
                ? $"INSERT INTO {table} ({key.First}, {key.Second}) SELECT w.first, w.second FROM {wanted} WHERE true ON CONFLICT DO NOTHING"
                : $"""
                INSERT INTO {table} ({key.First}, {key.Second}, stream_id, partitions)
                SELECT w.first, w.second, CAST(w.stream_id AS {session.IdType}), @partitions FROM {wanted} WHERE true
                ON CONFLICT ({key.First}, {key.Second}) DO UPDATE SET partitions = excluded.partitions
                """,
            cancellationToken, stream is null ? rows : [.. rows, ("partitions", stream.Value.Partitions)]);
    }
}
