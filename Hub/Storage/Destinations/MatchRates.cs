using System.Globalization;
using IntegrationHub.Storage.Verification;

namespace IntegrationHub.Storage.Destinations;

/// <summary>Counts how well destinations know the people of audiences: one walk over an audience's members, the same SQL on both dialects.</summary>
public static class MatchRates
{
    /// <summary>Counts for one audience and destination.</summary>
    /// <param name="db">The database.</param>
    /// <param name="audience">The audience.</param>
    /// <param name="destination">The destination.</param>
    /// <param name="identityKeyKind">What the destination knows people by: <c>external_id</c> or <c>email</c>.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public static async Task<MatchRate> CountAsync(HubDbContext db, string audience, string destination, string identityKeyKind, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        var key = IdentityKey.ColumnOf(identityKeyKind);
        var rows = await session.ReadAsync(
            $"""
            WITH people AS MATERIALIZED (
                SELECT p.{key} AS identity_key, d.profile_id AS held_id, d.remote_id, coalesce(r.is_member, {(session.IsSqlite ? "0" : "false")}) AS is_there
                FROM memberships m
                JOIN profiles p ON p.profile_id = m.profile_id
                LEFT JOIN destination_profiles d ON d.destination = @destination AND d.profile_id = m.profile_id
                LEFT JOIN destination_members r ON r.destination = @destination AND r.audience = @audience AND r.profile_id = m.profile_id
                WHERE m.audience = @audience AND m.is_member)
            SELECT count(*), count(*) FILTER (WHERE identity_key IS NULL),
                (SELECT coalesce(sum(k.people), 0) FROM (SELECT count(*) AS people FROM people WHERE identity_key IS NOT NULL GROUP BY identity_key HAVING count(*) > 1) k),
                count(held_id),
                (SELECT coalesce(sum(k.people), 0) FROM (SELECT count(*) AS people FROM people WHERE remote_id IS NOT NULL GROUP BY remote_id HAVING count(*) > 1) k),
                count(*) FILTER (WHERE is_there)
            FROM people
            """,
            row => new MatchRate(audience, destination, row.GetInt64(0), row.GetInt64(1), Number(row.GetValue(2)), row.GetInt64(3), Number(row.GetValue(4)), row.GetInt64(5)),
            cancellationToken,
            ("audience", audience), ("destination", destination));
        return rows[0];
    }

    /// <summary>A sum is a decimal on one dialect and a whole number on the other.</summary>
    private static long Number(object sum) => Convert.ToInt64(sum, CultureInfo.InvariantCulture);
}
