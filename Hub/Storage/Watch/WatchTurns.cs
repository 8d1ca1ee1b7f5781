namespace IntegrationHub.Storage.Watch;

/// <summary>Duties that one hub of all does at a time, each so often; by the database's clock. A hub that dies over it leaves the next turn to any other.</summary>
public static class WatchTurns
{
    /// <summary>Takes the turn; false when some hub took it less than <paramref name="every"/> ago.</summary>
    public static async Task<bool> TryTakeAsync(HubDbContext db, string duty, TimeSpan every, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return await session.ExecuteAsync(
            $"""
            INSERT INTO watch_turns AS t (duty, taken_at) VALUES (@duty, {session.Clock})
            ON CONFLICT (duty) DO UPDATE SET taken_at = excluded.taken_at WHERE t.taken_at <= {session.Clock} - @every
            """,
            cancellationToken, ("duty", duty), ("every", every)) == 1;
    }
}
