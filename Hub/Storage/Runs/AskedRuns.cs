namespace IntegrationHub.Storage.Runs;

/// <summary>
/// Runs and erasures that were asked for, each written down with its command in the transaction that asks, until it stands itself: an in-memory bus forgets the command when the process dies before
/// it was taken. The same SQL on both dialects.
/// </summary>
public static class AskedRuns
{
    /// <summary>The command of a sync or a reconciliation.</summary>
    public const string Sync = "sync";

    /// <summary>The command of a backfill or a rollback.</summary>
    public const string Backfill = "backfill";

    /// <summary>The request for an erasure.</summary>
    public const string Erasure = "erasure";

    /// <summary>A request for a run that is older is not said again: whoever asked does not wait for it any more. Runs themselves are kept longer. An erasure is owed by law.</summary>
    private static readonly TimeSpan _saidAgainFor = TimeSpan.FromDays(7);

    private const string Over =
        $"""
        (asked_at < @old AND command <> '{Erasure}')
        OR EXISTS (SELECT 1 FROM audience_syncs s WHERE s.correlation_id = asked_runs.run_id) OR EXISTS (SELECT 1 FROM backfill_runs b WHERE b.correlation_id = asked_runs.run_id)
        OR EXISTS (SELECT 1 FROM erasures e WHERE e.correlation_id = asked_runs.run_id)
        """;

    /// <summary>Writes a request down, in the caller's transaction; those that became runs are forgotten.</summary>
    /// <param name="db">The context with its open transaction.</param>
    /// <param name="runId">The run or erasure.</param>
    /// <param name="command"><see cref="Sync"/>, <see cref="Backfill"/> or <see cref="Erasure"/>.</param>
    /// <param name="body">The command as JSON text.</param>
    /// <param name="at">When it was asked for.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public static async Task AddAsync(HubDbContext db, Guid runId, string command, string body, DateTimeOffset at, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        await session.ExecuteAsync($"DELETE FROM asked_runs WHERE {Over}", cancellationToken, ("old", at - _saidAgainFor));
        await session.ExecuteAsync(
            "INSERT INTO asked_runs (run_id, command, body, asked_at) VALUES (@run, @command, @body, @at)", cancellationToken, ("run", runId), ("command", command), ("body", body), ("at", at));
    }

    /// <summary>The requests that did not become runs, the oldest first, in the caller's transaction; the others are forgotten.</summary>
    public static async Task<IReadOnlyList<AskedRun>> ListAsync(HubDbContext db, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        await session.ExecuteAsync($"DELETE FROM asked_runs WHERE {Over}", cancellationToken, ("old", now - _saidAgainFor));
        return await session.ReadAsync("SELECT run_id, command, body FROM asked_runs ORDER BY asked_at, run_id", row => new AskedRun(row.GetGuid(0), row.GetString(1), row.GetString(2)), cancellationToken);
    }

    /// <summary>Forgets a request whose place another run took, in the caller's transaction.</summary>
    public static async Task ForgetAsync(HubDbContext db, Guid runId, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        await session.ExecuteAsync("DELETE FROM asked_runs WHERE run_id = @run", cancellationToken, ("run", runId));
    }
}
