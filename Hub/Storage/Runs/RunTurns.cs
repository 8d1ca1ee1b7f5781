using IntegrationHub.Storage.Paging;

namespace IntegrationHub.Storage.Runs;

/// <summary>What became of runs, turn by turn: noted by the database in the transaction that changes the run's row, which itself forgets a stall that ended.</summary>
public static class RunTurns
{
    /// <summary>Another state.</summary>
    public const string State = "state";

    /// <summary>It stands still, or for another reason than before.</summary>
    public const string Stalled = "stalled";

    /// <summary>It goes on.</summary>
    public const string Moved = "moved";

    /// <summary>The turns of a run, the latest first.</summary>
    public static async Task<Page<RunTurn>> ListAsync(HubDbContext db, Guid runId, PageAsk ask, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(ask);
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return await new PageSql("at, kind, state_from, state_to, code, seq", "run_events", [("seq", PlaceKind.Number)], isDescending: true)
            .Where("run_id = @run", "run", runId)
            .ReadAsync(session, ask, row => new RunTurn(row.GetInt64(5), row.Time(0), row.GetString(1), row.TextOrNull(2), row.GetString(3), row.TextOrNull(4)), cancellationToken);
    }
}
