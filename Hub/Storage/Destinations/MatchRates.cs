using System.Data.Common;
using System.Globalization;
using IntegrationHub.Storage.Verification;

namespace IntegrationHub.Storage.Destinations;

/// <summary>Counts how well destinations know the people of audiences: one walk over an audience's members, the same SQL on both dialects.</summary>
public static class MatchRates
{
    private const string Columns = "m.at, m.audience, m.destination, m.people, m.without_key, m.sharing_key, m.held, m.held_as_one, m.members";

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

    /// <summary>Notes a count, in the caller's transaction: of the hour, or of a reconciliation.</summary>
    public static async Task NoteAsync(HubDbContext db, MatchRate rate, DateTimeOffset at, Guid? runId, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(rate);
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        await session.ExecuteAsync(
            """
            INSERT INTO match_rates (audience, destination, at, run_id, people, without_key, sharing_key, held, held_as_one, members)
            VALUES (@audience, @destination, @at, @run, @people, @without, @sharing, @held, @one, @members) ON CONFLICT DO NOTHING
            """,
            cancellationToken,
            ("audience", rate.Audience), ("destination", rate.Destination), ("at", at), ("run", runId), ("people", rate.People), ("without", rate.WithoutKey), ("sharing", rate.SharingKey),
            ("held", rate.Held), ("one", rate.HeldAsOne), ("members", rate.Members));
    }

    /// <summary>What was counted for a reconciliation; null before it came so far, and when that was swept.</summary>
    public static async Task<MatchRate?> FindAsync(HubDbContext db, Guid runId, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return (await session.ReadAsync($"SELECT {Columns} FROM match_rates m WHERE m.run_id = @run ORDER BY m.at DESC LIMIT 1", Read, cancellationToken, ("run", runId))).FirstOrDefault().Rate;
    }

    /// <summary>The latest counts of an audience at a destination, the last one first.</summary>
    /// <param name="db">The database.</param>
    /// <param name="audience">The audience.</param>
    /// <param name="destination">The destination.</param>
    /// <param name="limit">Most of them, from 1.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public static async Task<IReadOnlyList<(DateTimeOffset At, MatchRate Rate)>> ListAsync(HubDbContext db, string audience, string destination, int limit, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return await session.ReadAsync(
            $"SELECT {Columns} FROM match_rates m WHERE m.audience = @audience AND m.destination = @destination ORDER BY m.at DESC LIMIT @limit", Read, cancellationToken,
            ("audience", audience), ("destination", destination), ("limit", limit));
    }

    private static (DateTimeOffset At, MatchRate Rate) Read(DbDataReader row) => (
        row.Time(0), new MatchRate(row.GetString(1), row.GetString(2), row.GetInt64(3), row.GetInt64(4), row.GetInt64(5), row.GetInt64(6), row.GetInt64(7), row.GetInt64(8)));

    /// <summary>A sum is a decimal on one dialect and a whole number on the other.</summary>
    private static long Number(object sum) => Convert.ToInt64(sum, CultureInfo.InvariantCulture);
}
