using System.Data.Common;
using System.Text.Json;

namespace IntegrationHub.Storage.Canaries;

/// <summary>The book of canaries' trips. The same SQL on both dialects.</summary>
public static class CanaryTrips
{
    private const string Columns = "t.canary, t.destination, t.stated_at, t.stamp, t.goal_at, t.state, t.shown_at, t.looked_at, t.looks, t.next_look_at, t.findings";

    /// <summary>Notes that a canary sets off, in the caller's transaction; nobody looks for what was stated before.</summary>
    public static async Task AddAsync(HubDbContext db, IReadOnlyList<CanaryTrip> trips, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(trips);
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        foreach (var trip in trips)
        {
            await session.ExecuteAsync(
                $"""
                UPDATE canary_trips SET next_look_at = NULL, state = CASE WHEN state = '{CanaryState.Travelling}' THEN '{CanaryState.Unread}' ELSE state END
                WHERE canary = @canary AND destination = @destination AND next_look_at IS NOT NULL
                """,
                cancellationToken, ("canary", trip.Canary), ("destination", trip.Destination));
            await session.ExecuteAsync(
                """
                INSERT INTO canary_trips (canary, destination, stated_at, stamp, goal_at, state, looks, next_look_at, findings)
                VALUES (@canary, @destination, @stated, @stamp, @goal, @state, 0, @next, '[]') ON CONFLICT DO NOTHING
                """,
                cancellationToken,
                ("canary", trip.Canary), ("destination", trip.Destination), ("stated", trip.StatedAt), ("stamp", trip.Stamp), ("goal", trip.GoalAt), ("state", trip.State), ("next", trip.NextLookAt));
        }
    }

    /// <summary>The trips that are to be looked at now, the longest due first.</summary>
    public static async Task<IReadOnlyList<CanaryTrip>> DueAsync(HubDbContext db, DateTimeOffset now, int limit, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return await session.ReadAsync($"SELECT {Columns} FROM canary_trips t WHERE t.next_look_at <= @now ORDER BY t.next_look_at LIMIT @limit", Read, cancellationToken, ("now", now), ("limit", limit));
    }

    /// <summary>Notes a look. False, and nothing is noted, when the next trip began meanwhile.</summary>
    public static async Task<bool> NoteAsync(HubDbContext db, CanaryTrip trip, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(trip);
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return await session.ExecuteAsync(
            $"""
            UPDATE canary_trips SET state = @state, shown_at = {session.Instant("@shown")}, looked_at = @looked, looks = @looks, next_look_at = {session.Instant("@next")}, findings = @findings
            WHERE canary = @canary AND destination = @destination AND stated_at = @stated AND next_look_at IS NOT NULL
            """,
            cancellationToken,
            ("canary", trip.Canary), ("destination", trip.Destination), ("stated", trip.StatedAt), ("state", trip.State), ("shown", trip.ShownAt), ("looked", trip.LookedAt), ("looks", trip.Looks), ("next", trip.NextLookAt),
            ("findings", JsonSerializer.Serialize(trip.Findings))) == 1;
    }

    /// <summary>True when she was shown before a time.</summary>
    /// <param name="db">The database.</param>
    /// <param name="canary">Her name.</param>
    /// <param name="destination">Where; null for anywhere.</param>
    /// <param name="before">The time.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public static async Task<bool> HasArrivedAsync(HubDbContext db, string canary, string? destination, DateTimeOffset before, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return await session.ScalarAsync(
            $"SELECT 1 FROM canary_trips WHERE canary = @canary {(destination is null ? "" : "AND destination = @destination")} AND shown_at < @before LIMIT 1",
            cancellationToken, [("canary", canary), ("before", before), .. destination is null ? Array.Empty<(string, object?)>() : [("destination", destination)]]) is not null;
    }

    /// <summary>The last trip of each canary to each destination.</summary>
    public static Task<IReadOnlyList<CanaryTrip>> LatestAsync(HubDbContext db, CancellationToken cancellationToken) => LatestAsync(db, "", cancellationToken);

    /// <summary>The last trip of each canary to each destination of which somebody could say how it went.</summary>
    public static Task<IReadOnlyList<CanaryTrip>> LatestKnownAsync(HubDbContext db, CancellationToken cancellationToken) =>
        LatestAsync(db, $"WHERE state IN ('{CanaryState.Fine}', '{CanaryState.Missing}', '{CanaryState.Leaked}')", cancellationToken);

    /// <summary>The last trips of a canary, the last one first.</summary>
    public static async Task<IReadOnlyList<CanaryTrip>> ListAsync(HubDbContext db, string canary, int limit, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return await session.ReadAsync($"SELECT {Columns} FROM canary_trips t WHERE t.canary = @canary ORDER BY t.stated_at DESC, t.destination LIMIT @limit", Read, cancellationToken, ("canary", canary), ("limit", limit));
    }

    private static async Task<IReadOnlyList<CanaryTrip>> LatestAsync(HubDbContext db, string which, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return await session.ReadAsync(
            $"""
            SELECT {Columns} FROM canary_trips t
            JOIN (SELECT canary, destination, max(stated_at) AS stated_at FROM canary_trips {which} GROUP BY canary, destination) l
                ON l.canary = t.canary AND l.destination = t.destination AND l.stated_at = t.stated_at
            ORDER BY t.canary, t.destination
            """,
            Read, cancellationToken);
    }

    private static CanaryTrip Read(DbDataReader row) => new(row.GetString(0), row.GetString(1), row.Time(2), row.GetString(3), row.Time(4))
    {
        State = row.GetString(5),
        ShownAt = row.IsDBNull(6) ? null : row.Time(6),
        LookedAt = row.IsDBNull(7) ? null : row.Time(7),
        Looks = row.GetInt32(8),
        NextLookAt = row.IsDBNull(9) ? null : row.Time(9),
        Findings = StoredList.TryRead<CanaryFinding>(row, 10, out var findings) ? findings : [],
    };
}
