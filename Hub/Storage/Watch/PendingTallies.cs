using IntegrationHub.Storage.Postgres;
using Microsoft.EntityFrameworkCore;

namespace IntegrationHub.Storage.Watch;

/// <summary>
/// How much waits, from counts that the database keeps with every delivery that comes or goes (triggers): nobody counts the queue. On PostgreSQL the counts are added as rows, so that no
/// turn waits for another, and folded here.
/// </summary>
public static class PendingTallies
{
    private const string Key = "run_id, destination, lane, operation";

    /// <summary>Makes few rows of many that say the same, in the caller's transaction; on SQLite there are few.</summary>
    /// <param name="db">The context with its open transaction.</param>
    /// <param name="least">Rows below which nothing is done.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public static async Task FoldAsync(HubDbContext db, int least, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        if (session.IsSqlite)
        {
            await session.ExecuteAsync("DELETE FROM pending_tallies WHERE count = 0", cancellationToken);
        }
        else if (await session.ScalarAsync("SELECT pg_try_advisory_xact_lock(@key)", cancellationToken, ("key", (long)AdvisoryLock.PendingTallies)) is true
            && (long)(await session.ScalarAsync("SELECT count(*) FROM (SELECT 1 FROM pending_tallies LIMIT @least) t", cancellationToken, ("least", (long)least)))! >= least)
        {
            await session.ExecuteAsync($"WITH gone AS (DELETE FROM pending_tallies RETURNING *) INSERT INTO pending_tallies SELECT {Key}, sum(count) FROM gone GROUP BY {Key} HAVING sum(count) <> 0", cancellationToken);
        }
    }

    /// <summary>Counts the rows of the queue, all of them, and puts right what differs, in the caller's transaction.</summary>
    /// <returns>How many counts were wrong; anything but 0 is a fault of the hub's.</returns>
    public static async Task<int> ProveAsync(HubDbContext db, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        return await session.ExecuteAsync(
            $"""
            INSERT INTO pending_tallies
            SELECT {Key}, sum(n) FROM (
                SELECT {Key}, count(*) AS n FROM deliveries GROUP BY {Key}
                UNION ALL SELECT {Key}, -count FROM pending_tallies) c
            WHERE true GROUP BY {Key} HAVING sum(n) <> 0
            {(session.IsSqlite ? $"ON CONFLICT ({Key}) DO UPDATE SET count = pending_tallies.count + excluded.count" : "")}
            """,
            cancellationToken);
    }
}
