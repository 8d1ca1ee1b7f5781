using IntegrationHub.Contracts.Audiences;

namespace IntegrationHub.Storage.Backfills;

/// <summary>
/// What of backfills may be written at this moment: in their windows, at their rate, while they deliver. All hubs go by the rows and by the database's clock. The same SQL on both dialects.
/// </summary>
public static class BackfillGate
{
    /// <summary>What a run may make up for of the rate that it could not use for a moment.</summary>
    private static readonly TimeSpan _madeUpFor = TimeSpan.FromSeconds(1);

    /// <summary>A condition in SQL: the run has no window, or is in one.</summary>
    /// <param name="runId">The run, in SQL.</param>
    /// <param name="clock">The database's clock, in SQL.</param>
    internal static string IsOpen(string runId, string clock) =>
        $"NOT EXISTS (SELECT 1 FROM backfill_plans g WHERE g.run_id = {runId} AND (g.opens_at > {clock} OR g.closes_at <= {clock}))";

    /// <summary>Asks for leave to write, and takes a place in the run's rate with it.</summary>
    /// <param name="db">The context.</param>
    /// <param name="runId">The run.</param>
    /// <param name="takes">How long the records take at the run's rate; zero when it has none.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public static async Task<BackfillAdmission> AdmitAsync(HubDbContext db, Guid runId, TimeSpan takes, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        var clock = session.Clock;
        var delivers = $"{IsOpen("p.run_id", clock)} AND EXISTS (SELECT 1 FROM backfill_runs r WHERE r.correlation_id = p.run_id AND r.current_state = '{RunState.Delivering}')";
        if (takes > TimeSpan.Zero && await session.ExecuteAsync(
            $"""
            UPDATE backfill_plans AS p SET paced_until = CASE WHEN paced_until > {clock} - @made_up_for THEN paced_until ELSE {clock} - @made_up_for END + @takes
            WHERE run_id = @run AND (paced_until IS NULL OR paced_until <= {clock}) AND {delivers}
            """,
            cancellationToken, ("run", runId), ("made_up_for", _madeUpFor), ("takes", takes)) > 0)
        {
            return new BackfillAdmission(MayGo: true);
        }

        var found = await session.ReadAsync(
            $"SELECT paced_until, {clock} FROM backfill_plans p WHERE run_id = @run AND {delivers}",
            row => row.IsDBNull(0) || row.Time(0) <= row.Time(1) ? TimeSpan.Zero : row.Time(0) - row.Time(1), cancellationToken, ("run", runId));
        return found is not [var wait] ? default : takes > TimeSpan.Zero ? new BackfillAdmission(MayGo: false, wait) : new BackfillAdmission(MayGo: true);
    }

    /// <summary>Runs that are not over and whose window is closed at the moment; of some runs, or with null of all.</summary>
    public static async Task<IReadOnlyDictionary<Guid, ClosedWindow>> FindClosedAsync(HubDbContext db, IReadOnlyCollection<Guid>? runs, CancellationToken cancellationToken)
    {
        if (runs is { Count: 0 })
        {
            return new Dictionary<Guid, ClosedWindow>();
        }

        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        var (which, ids) = Which(runs);
        var found = await session.ReadAsync(
            $"""
            SELECT p.run_id, p.opens_at, p.closes_at, p.scope FROM backfill_plans p JOIN backfill_runs r ON r.correlation_id = p.run_id
            WHERE p.closes_at IS NOT NULL AND r.finished_at IS NULL AND (p.opens_at > {session.Clock} OR p.closes_at <= {session.Clock}) {which}
            """,
            row => KeyValuePair.Create(row.GetGuid(0), new ClosedWindow(row.Time(1), WindowsOf(row.GetString(3)))), cancellationToken, ids);
        return found.ToDictionary();
    }

    /// <summary>Windows of the runs that have some and are not over; of some runs, or with null of all.</summary>
    public static async Task<IReadOnlyDictionary<Guid, IReadOnlyList<string>>> FindWindowsAsync(HubDbContext db, IReadOnlyCollection<Guid>? runs, CancellationToken cancellationToken)
    {
        if (runs is { Count: 0 })
        {
            return new Dictionary<Guid, IReadOnlyList<string>>();
        }

        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        var (which, ids) = Which(runs);
        var found = await session.ReadAsync(
            $"SELECT p.run_id, p.scope FROM backfill_plans p JOIN backfill_runs r ON r.correlation_id = p.run_id WHERE p.closes_at IS NOT NULL AND r.finished_at IS NULL {which}",
            row => KeyValuePair.Create(row.GetGuid(0), WindowsOf(row.GetString(1))), cancellationToken, ids);
        return found.ToDictionary();
    }

    /// <summary>Runs whose window is over.</summary>
    public static async Task<IReadOnlyList<OverWindow>> FindOverAsync(HubDbContext db, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        // Whose windows cannot be read gets none: it stays closed.
        var over = await session.ReadAsync(
            $"""
            SELECT p.run_id, p.scope, p.closes_at, {session.Clock}, r.finished_at FROM backfill_plans p LEFT JOIN backfill_runs r ON r.correlation_id = p.run_id
            WHERE p.closes_at <= {session.Clock}
            """,
            row => !row.IsDBNull(4) ? new OverWindow(row.GetGuid(0), [], row.Time(2), row.Time(3))
                : BackfillScope.TryRead(row.GetString(1)) is { } scope ? new OverWindow(row.GetGuid(0), scope.Windows ?? [], row.Time(2), row.Time(3)) : null,
            cancellationToken);
        return [.. over.OfType<OverWindow>()];
    }

    /// <summary>Gives a run its next window; null times for none. Does nothing when another hub was first.</summary>
    public static async Task TurnAsync(HubDbContext db, OverWindow over, DateTimeOffset? opensAt, DateTimeOffset? closesAt, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(over);
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        await session.ExecuteAsync(
            $"UPDATE backfill_plans SET opens_at = {session.Instant("@opens")}, closes_at = {session.Instant("@closes")} WHERE run_id = @run AND closes_at = {session.Instant("@closed")}",
            cancellationToken, ("run", over.RunId), ("opens", opensAt), ("closes", closesAt), ("closed", over.ClosedAt));
    }

    private static (string Which, (string, object?)[] Ids) Which(IReadOnlyCollection<Guid>? runs)
    {
        (string, object?)[] ids = [.. (runs ?? []).Select((run, i) => ($"run{i}", (object?)run))];
        return (runs is null ? "" : $"AND p.run_id IN ({string.Join(", ", ids.Select(id => $"@{id.Item1}"))})", ids);
    }

    // For people: a run whose terms cannot be read waits for its window as ever, and costs what is said of the others nothing.
    private static IReadOnlyList<string> WindowsOf(string scope) => BackfillScope.TryRead(scope)?.Windows ?? [];
}
