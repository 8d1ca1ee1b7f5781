using IntegrationHub.Storage.Sqlite;

namespace IntegrationHub.Storage.Ledger;

/// <summary>
/// What destinations hold of profiles that become one. Where a destination knows people by the address and both profiles have the same, its record of the one is its record of
/// the other. Everywhere else the two are two people there, and the one that is not shown any more is retired: it leaves its audiences and is sent nothing.
/// </summary>
internal static class RemoteProfiles
{
    /// <summary>What destinations that know people by the address hold of one profile is held of the other, unless they hold that one too.</summary>
    /// <param name="db">The context with its open transaction.</param>
    /// <param name="moves">Profiles that have one address: the one that is shown no more, and the one that shows it.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public static async Task MoveAsync(HubDbContext db, IReadOnlyCollection<(long From, long To)> moves, CancellationToken cancellationToken)
    {
        if (moves.Count == 0)
        {
            return;
        }

        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        var found = await session.ReadAsync(
            $"""
            SELECT i.destination, r.from_id, r.to_id FROM {session.Rows(("from_id", "bigint"), ("to_id", "bigint"))} r CROSS JOIN identity_routes i
            {session.Lookup("destination_profiles", "d", "d.destination = i.destination AND d.profile_id = r.from_id")}
            WHERE i.identity_key = 'email' AND NOT EXISTS (SELECT 1 FROM destination_profiles o WHERE o.destination = i.destination AND o.profile_id = r.to_id)
            """,
            row => (Destination: row.GetString(0), From: row.GetInt64(1), To: row.GetInt64(2)), cancellationToken,
            ("rows", JsonRows.Of(moves, (writer, move) =>
            {
                writer.WriteNumberValue(move.From);
                writer.WriteNumberValue(move.To);
            })));
        var held = found.DistinctBy(move => (move.Destination, move.To)).ToList();
        if (held.Count == 0)
        {
            return;
        }

        var rows = JsonRows.Of(held, (writer, move) =>
        {
            writer.WriteStringValue(move.Destination);
            writer.WriteNumberValue(move.From);
            writer.WriteNumberValue(move.To);
        });
        foreach (var table in new[] { "destination_profiles", "destination_members" })
        {
            await session.ExecuteAsync(
                $"UPDATE {table} SET profile_id = r.to_id FROM {session.Rows(("destination", "text"), ("from_id", "bigint"), ("to_id", "bigint"))} r WHERE {table}.destination = r.destination AND {table}.profile_id = r.from_id",
                cancellationToken, ("rows", rows));
        }
    }

    /// <summary>Replaces the routes.</summary>
    public static async Task ReplaceRoutesAsync(HubDbContext db, IReadOnlyList<IdentityRoute> routes, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        await session.ExecuteAsync("DELETE FROM identity_routes", cancellationToken);
        await session.ExecuteAsync(
            $"INSERT INTO identity_routes (destination, identity_key) SELECT r.destination, r.identity_key FROM {session.Rows(("destination", "text"), ("identity_key", "text"))} r",
            cancellationToken,
            ("rows", JsonRows.Of(routes, (writer, route) =>
            {
                writer.WriteStringValue(route.Destination);
                writer.WriteStringValue(route.IdentityKey);
            })));
    }
}
