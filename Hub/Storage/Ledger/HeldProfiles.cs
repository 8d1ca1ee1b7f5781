using IntegrationHub.Storage.Sqlite;

namespace IntegrationHub.Storage.Ledger;

/// <summary>Which destinations hold profiles, in one statement on both dialects.</summary>
internal static class HeldProfiles
{
    public static async Task<IReadOnlyList<HeldProfile>> LoadAsync(HubDbContext db, IEnumerable<string> destinations, IReadOnlyCollection<long> profileIds, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        var pairs = JsonRows.Of(destinations.SelectMany(destination => profileIds.Select(id => (destination, id))), (writer, pair) =>
        {
            writer.WriteStringValue(pair.destination);
            writer.WriteNumberValue(pair.id);
        });
        var rows = session.Rows(("destination", "text"), ("profile_id", "bigint"));
        var profiles = await session.ReadAsync(
            $"SELECT r.destination, r.profile_id, p.confirmed_at FROM {rows} r {session.Lookup("destination_profiles", "p", "p.destination = r.destination AND p.profile_id = r.profile_id")} ORDER BY 1, 2",
            row => (Destination: row.GetString(0), ProfileId: row.GetInt64(1), ConfirmedAt: row.IsDBNull(2) ? (DateTimeOffset?)null : row.Time(2)),
            cancellationToken,
            ("rows", pairs));
        var members = (await session.ReadAsync(
            $"""
            SELECT r.destination, r.profile_id, m.audience FROM {rows} r
            CROSS JOIN (SELECT DISTINCT audience FROM destination_audiences) a
            {session.Lookup("destination_members", "m", "m.destination = r.destination AND m.audience = a.audience AND m.profile_id = r.profile_id")}
            WHERE m.is_member ORDER BY 3
            """,
            row => (Destination: row.GetString(0), ProfileId: row.GetInt64(1), Audience: row.GetString(2)),
            cancellationToken,
            ("rows", pairs))).ToLookup(member => (member.Destination, member.ProfileId), member => member.Audience);
        return profiles.ConvertAll(profile => new HeldProfile(profile.Destination, profile.ProfileId, profile.ConfirmedAt, [.. members[(profile.Destination, profile.ProfileId)]]));
    }
}
