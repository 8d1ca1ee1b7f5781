using IntegrationHub.Storage.Sqlite;

namespace IntegrationHub.Storage.Runs;

/// <summary>The last run, and the last comparison, of audiences with their destinations: each found by its index, whatever else ran since.</summary>
public static class LatestRuns
{
    /// <summary>Ids of the last runs; of those that never ran none.</summary>
    public static Task<IReadOnlyList<Guid>> OfAsync(HubDbContext db, IEnumerable<(string Audience, string Destination)> pairs, CancellationToken cancellationToken) =>
        FindAsync(db, "(SELECT t.correlation_id FROM audience_syncs t WHERE t.audience = p.audience AND t.destination = p.destination ORDER BY t.requested_at DESC LIMIT 1)", pairs, cancellationToken);

    /// <summary>Ids of the last runs that compared everything; of those that were never compared none.</summary>
    public static Task<IReadOnlyList<Guid>> ComparedAsync(HubDbContext db, IEnumerable<(string Audience, string Destination)> pairs, CancellationToken cancellationToken) =>
        FindAsync(db, "(SELECT t.run_id FROM reconciliations t WHERE t.audience = p.audience AND t.destination = p.destination AND t.compared_at IS NOT NULL ORDER BY t.requested_at DESC LIMIT 1)", pairs, cancellationToken);

    private static async Task<IReadOnlyList<Guid>> FindAsync(HubDbContext db, string latest, IEnumerable<(string Audience, string Destination)> pairs, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        var rows = JsonRows.Of(pairs, (writer, pair) =>
        {
            writer.WriteStringValue(pair.Audience);
            writer.WriteStringValue(pair.Destination);
        });
        var found = await session.ReadAsync(
            $"SELECT {latest} FROM {session.Rows(("audience", "text"), ("destination", "text"))} p", row => row.IsDBNull(0) ? (Guid?)null : row.GetGuid(0), cancellationToken, ("rows", rows));
        return [.. found.OfType<Guid>()];
    }
}
