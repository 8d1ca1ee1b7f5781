using IntegrationHub.Storage.Deliveries;

namespace IntegrationHub.Storage.OptOuts;

/// <summary>
/// How far vendors' feeds of opt-outs were read; the same SQL on both dialects. A cursor is kept after what stands before it was taken in, so a crash reads some of it
/// again, and skips nothing.
/// </summary>
public static class OptOutFeeds
{
    /// <summary>All feeds that were looked at, in a statement of its own.</summary>
    public static async Task<IReadOnlyList<OptOutFeed>> ListAsync(HubDbContext db, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return await session.ReadAsync(
            "SELECT destination, feed, asked_at, cursor, caught_up_at, opt_outs, error, failing_since FROM opt_out_feeds ORDER BY destination, feed",
            row => new OptOutFeed(row.GetString(0), row.GetString(1), row.Time(2))
            {
                Cursor = row.TextOrNull(3), CaughtUpAt = row.IsDBNull(4) ? null : row.Time(4), OptOuts = row.GetInt64(5), Error = row.TextOrNull(6), FailingSince = row.IsDBNull(7) ? null : row.Time(7),
            },
            cancellationToken);
    }

    /// <summary>Notes a feed that is looked at for the first time; one that is known stays as it is.</summary>
    public static Task AddAsync(HubDbContext db, string destination, string feed, DateTimeOffset now, CancellationToken cancellationToken) => ExecuteAsync(
        db, "INSERT INTO opt_out_feeds (destination, feed, asked_at, opt_outs) VALUES (@destination, @feed, @now, 0) ON CONFLICT DO NOTHING",
        destination, feed, now, cancellationToken);

    /// <summary>Notes that a page was taken in.</summary>
    /// <param name="db">Context.</param>
    /// <param name="feed">The feed, with where to go on, the number of opt-outs of the page, and <see cref="OptOutFeed.CaughtUpAt"/> when it was the last.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public static Task AdvanceAsync(HubDbContext db, OptOutFeed feed, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(feed);
        return ExecuteAsync(
            db,
            """
            UPDATE opt_out_feeds SET cursor = @cursor, asked_at = @now, opt_outs = opt_outs + @added, caught_up_at = coalesce(@caught, caught_up_at), error = NULL, failing_since = NULL
            WHERE destination = @destination AND feed = @feed
            """,
            feed.Destination, feed.Feed, feed.AskedAt, cancellationToken, ("cursor", feed.Cursor), ("added", feed.OptOuts), ("caught", feed.CaughtUpAt));
    }

    /// <summary>Notes that the vendor did not tell; the cursor stays.</summary>
    public static Task FailAsync(HubDbContext db, string destination, string feed, string error, DateTimeOffset now, CancellationToken cancellationToken) => ExecuteAsync(
        db, "UPDATE opt_out_feeds SET asked_at = @now, error = @error, failing_since = coalesce(failing_since, @now) WHERE destination = @destination AND feed = @feed",
        destination, feed, now, cancellationToken, ("error", error));

    /// <summary>Takes the turn of reading a feed, by the database's clock. Two that believe they have it after a pause read the same twice and nothing worse.</summary>
    /// <returns>Null when another instance has it.</returns>
    public static Task<Lease?> TakeTurnAsync(HubDbContext db, string destination, string feed, string owner, TimeSpan length, CancellationToken cancellationToken) =>
        LeaseTable.TakeAsync(db, "", $"opt_outs {destination} {feed}", 0, owner, length, cancellationToken);

    /// <summary>Keeps the turn for longer; false when another instance has it by now.</summary>
    public static Task<bool> RenewTurnAsync(HubDbContext db, Lease turn, TimeSpan length, CancellationToken cancellationToken) => LeaseTable.RenewAsync(db, turn, length, cancellationToken);

    /// <summary>Gives the turn back.</summary>
    public static Task ReleaseTurnAsync(HubDbContext db, Lease turn, CancellationToken cancellationToken) => LeaseTable.ReleaseAsync(db, turn, isSettled: true, cancellationToken);

    private static async Task ExecuteAsync(
        HubDbContext db, string sql, string destination, string feed, DateTimeOffset now, CancellationToken cancellationToken, params (string Name, object? Value)[] more)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        await session.ExecuteAsync(sql, cancellationToken, [("destination", destination), ("feed", feed), ("now", now), .. more]);
    }
}
