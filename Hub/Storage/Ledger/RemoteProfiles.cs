using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Sqlite;

namespace IntegrationHub.Storage.Ledger;

/// <summary>
/// What destinations hold of profiles that become one. Where a destination knows people by the address and both profiles have the same, its record of the one is its record of
/// the other. Everywhere else the two are two people there, until the destination joins them or lets the one go that is not shown any more (<see cref="IdentityDues"/>).
/// </summary>
internal static class RemoteProfiles
{
    /// <summary>What destinations that know people by the address hold of one profile is held of the other.</summary>
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
            WHERE i.identity_key = 'email'
            """,
            row => (Destination: row.GetString(0), From: row.GetInt64(1), To: row.GetInt64(2)), cancellationToken,
            ("rows", JsonRows.Of(moves, (writer, move) =>
            {
                writer.WriteNumberValue(move.From);
                writer.WriteNumberValue(move.To);
            })));
        await JoinAsync(db, found, cancellationToken);
    }

    /// <summary>Of two profiles whose records are one at a destination, what it has of the first stands with the second, beside what it has of that one.</summary>
    /// <param name="db">The context with its open transaction.</param>
    /// <param name="joins">The destination, the profile that is shown no more and the one that shows it.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public static async Task JoinAsync(HubDbContext db, IReadOnlyCollection<(string Destination, long From, long To)> joins, CancellationToken cancellationToken)
    {
        // One after the other where several become one, so that no statement writes a row twice.
        foreach (var round in joins.Distinct().GroupBy(join => (join.Destination, join.To)).SelectMany(same => same.Select((join, place) => (join, place))).GroupBy(row => row.place, row => row.join))
        {
            await JoinOnceAsync(db, round, cancellationToken);
        }
    }

    private static async Task JoinOnceAsync(HubDbContext db, IEnumerable<(string Destination, long From, long To)> joins, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        var rows = JsonRows.Of(joins, (writer, join) =>
        {
            writer.WriteStringValue(join.Destination);
            writer.WriteNumberValue(join.From);
            writer.WriteNumberValue(join.To);
        });
        var joined = session.Rows(("destination", "text"), ("from_id", "bigint"), ("to_id", "bigint"));
        string Found(string table, string alias, string profile) => session.Lookup(table, alias, $"{alias}.destination = r.destination AND {alias}.profile_id = r.{profile}");
        var memberships = $"{joined} r JOIN audience_routes a ON a.destination = r.destination {session.Lookup("destination_members", "m", "m.destination = r.destination AND m.audience = a.audience AND m.profile_id = r.from_id")}";
        await session.ExecuteAsync(
            $"""
            INSERT INTO destination_members AS t (destination, audience, profile_id, is_member, added_by_hub, in_doubt, confirmed_at, run_id)
            SELECT m.destination, m.audience, r.to_id, m.is_member, m.added_by_hub, m.in_doubt, m.confirmed_at, m.run_id FROM {memberships} WHERE m.is_member OR m.in_doubt
            ON CONFLICT (destination, audience, profile_id) DO UPDATE SET is_member = excluded.is_member, added_by_hub = excluded.added_by_hub, in_doubt = excluded.in_doubt WHERE NOT t.is_member
            """,
            cancellationToken, ("rows", rows));
        await session.ExecuteAsync(
            $"DELETE FROM destination_members WHERE (destination, audience, profile_id) IN (SELECT m.destination, m.audience, m.profile_id FROM {memberships})", cancellationToken, ("rows", rows));
        await session.ExecuteAsync(
            $"""
            INSERT INTO destination_profiles (destination, profile_id, remote_id, content_hash, profile_version, plan_version, confirmed_at, run_id, key_hash, unseen_since)
            SELECT d.destination, r.to_id, d.remote_id, d.content_hash, NULL, NULL, d.confirmed_at, d.run_id, d.key_hash, d.unseen_since FROM {joined} r {Found("destination_profiles", "d", "from_id")} WHERE true
            ON CONFLICT DO NOTHING
            """,
            cancellationToken, ("rows", rows));
        await session.ExecuteAsync(
            $"DELETE FROM destination_profiles WHERE (destination, profile_id) IN (SELECT d.destination, d.profile_id FROM {joined} r {Found("destination_profiles", "d", "from_id")})", cancellationToken, ("rows", rows));
    }

    /// <summary>Replaces the routes.</summary>
    public static async Task ReplaceRoutesAsync(HubDbContext db, IReadOnlyList<IdentityRoute> routes, int partitions, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        await session.ExecuteAsync("DELETE FROM identity_routes", cancellationToken);
        await session.ExecuteAsync(
            $"""
            INSERT INTO identity_routes (destination, identity_key, stream_id, partitions, on_merge, on_delete, aliases)
            SELECT r.destination, r.identity_key, CAST(r.stream_id AS {session.IdType}), @partitions, r.on_merge, r.on_delete, r.aliases
            FROM {session.Rows(("destination", "text"), ("identity_key", "text"), ("stream_id", "text"), ("on_merge", "text"), ("on_delete", "text"), ("aliases", "text"))} r
            """,
            cancellationToken,
            ("partitions", partitions),
            ("rows", JsonRows.Of(routes, (writer, route) =>
            {
                writer.WriteStringValue(route.Destination);
                writer.WriteStringValue(route.IdentityKey);
                writer.Id(LiveStream.IdOf(route.Destination, Lane.Live));
                writer.WriteStringValue(route.OnMerge);
                writer.WriteStringValue(route.OnDelete);
                writer.WriteStringValue(route.Aliases.Count == 0 ? "" : $",{string.Join(',', route.Aliases)},");
            })));
    }
}
