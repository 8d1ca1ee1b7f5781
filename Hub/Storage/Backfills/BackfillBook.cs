using System.Text.Json;
using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Contracts.Backfills;
using IntegrationHub.Sagas.BackfillRun;
using IntegrationHub.Storage.Runs;
using IntegrationHub.Storage.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace IntegrationHub.Storage.Backfills;

/// <summary>Backfills: what each is about, its plan, its row and its ledger. The same SQL on both dialects.</summary>
public static class BackfillBook
{
    private static readonly string[] _atWork = [RunState.Planning, RunState.Delivering, RunState.Verifying, RunState.Canceling];

    /// <summary>Writes down what a run is about, in the caller's transaction, before the run is commanded.</summary>
    /// <param name="db">The context with its open transaction.</param>
    /// <param name="runId">The run.</param>
    /// <param name="scope">What it is about.</param>
    /// <param name="externalIds">The company's ids of the people of a list; null when none was given.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>The scope with the number of people of the list who are known.</returns>
    public static async Task<BackfillScope> AddAsync(HubDbContext db, Guid runId, BackfillScope scope, IReadOnlyList<string>? externalIds, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(scope);
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        if (externalIds is not null)
        {
            var known = await session.ExecuteAsync(
                $"""
                INSERT INTO run_scope (run_id, profile_id)
                SELECT DISTINCT {Id(session)}, coalesce(p.person_id, p.profile_id)
                FROM {session.Rows(("external_id", "text"))} i {session.Lookup("profiles", "p", "p.tenant_id = 'default' AND p.external_id = i.external_id")}
                WHERE true ON CONFLICT DO NOTHING
                """,
                cancellationToken,
                ("run", runId), ("rows", JsonRows.Of(externalIds.Distinct(StringComparer.Ordinal), (writer, id) => writer.WriteStringValue(id))));
            scope = scope with { People = known };
        }

        await session.ExecuteAsync(
            $"INSERT INTO backfill_plans (run_id, scope) VALUES (@run, {Json(session, "scope")})", cancellationToken, ("run", runId), ("scope", JsonSerializer.Serialize(scope)));
        return scope;
    }

    /// <summary>What a run is about, and its plan; null for a run that is no backfill.</summary>
    public static async Task<StoredPlan?> FindPlanAsync(HubDbContext db, Guid runId, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        var found = await session.ReadAsync(
            "SELECT scope, plan, plan_version, plan_hash FROM backfill_plans WHERE run_id = @run",
            reader => new StoredPlan(JsonSerializer.Deserialize<BackfillScope>(reader.GetString(0))!, reader.TextOrNull(1), reader.TextOrNull(2), reader.TextOrNull(3)),
            cancellationToken, ("run", runId));
        return found.Count == 0 ? null : found[0];
    }

    /// <summary>Finds the people whom a run is about, in the caller's transaction; harmless to repeat until the plan is complete.</summary>
    public static async Task FillScopeAsync(HubDbContext db, Guid runId, string destination, BackfillScope scope, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(scope);
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        var (sql, parameter) = scope switch
        {
            { Kind: BackfillKind.Rollback } => (
                $"INSERT INTO run_scope (run_id, profile_id) SELECT {Id(session)}, profile_id FROM before_images WHERE run_id = @of AND destination = @destination ON CONFLICT DO NOTHING",
                ("of", (object?)scope.RollsBack)),
            { People: not null, Audience: { } audience } => (
                "DELETE FROM run_scope WHERE run_id = @run AND @destination = @destination AND NOT EXISTS (SELECT 1 FROM memberships m WHERE m.audience = @audience AND m.profile_id = run_scope.profile_id AND m.is_member)",
                ("audience", audience)),
            { Audience: { } audience } => (
                $"INSERT INTO run_scope (run_id, profile_id) SELECT {Id(session)}, profile_id FROM memberships WHERE audience = @audience AND is_member AND @destination = @destination ON CONFLICT DO NOTHING",
                ("audience", audience)),
            _ => ((string?)null, ("", (object?)null)),
        };
        if (sql is not null)
        {
            await session.ExecuteAsync(sql, cancellationToken, ("run", runId), ("destination", destination), parameter);
        }
    }

    /// <summary>Forgets whom a backfill that was stopped was about; of other runs nothing.</summary>
    public static async Task ForgetScopeAsync(HubDbContext db, Guid runId, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        await session.ExecuteAsync("DELETE FROM run_scope WHERE run_id = @run AND EXISTS (SELECT 1 FROM backfill_plans b WHERE b.run_id = @run)", cancellationToken, ("run", runId));
    }

    /// <summary>Writes a plan down.</summary>
    public static async Task WritePlanAsync(HubDbContext db, Guid runId, string planJson, string planVersion, string planHash, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        await session.ExecuteAsync(
            $"UPDATE backfill_plans SET plan = {Json(session, "plan")}, plan_version = @version, plan_hash = @hash WHERE run_id = @run", cancellationToken,
            ("run", runId), ("plan", planJson), ("version", planVersion), ("hash", planHash));
    }

    /// <summary>What a plan comes to: records by outcome and reason, those to be written as <c>pending</c>.</summary>
    public static async Task<IReadOnlyList<ReasonCount>> ReadTalliesAsync(HubDbContext db, Guid runId, CancellationToken cancellationToken) =>
        [.. (await RunLedgers.ReadAsync(db, [runId], cancellationToken))[runId].OrderBy(tally => tally.Outcome, StringComparer.Ordinal).ThenBy(tally => tally.Code, StringComparer.Ordinal)];

    /// <summary>A backfill, or null.</summary>
    public static async Task<BackfillView?> FindAsync(HubDbContext db, Guid runId, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);
        var run = await db.Set<BackfillRunState>().AsNoTracking().SingleOrDefaultAsync(row => row.CorrelationId == runId, cancellationToken);
        return run is null ? null : (await ViewsAsync(db, [run], cancellationToken))[0];
    }

    /// <summary>Backfills, newest first.</summary>
    public static async Task<IReadOnlyList<BackfillView>> ListAsync(HubDbContext db, string? state, string? destination, int limit, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);
        var runs = db.Set<BackfillRunState>().AsNoTracking().Where(run => (state == null || run.CurrentState == state) && (destination == null || run.Destination == destination));
        return await ViewsAsync(db, await runs.OrderByDescending(run => run.RequestedAt).Take(limit).ToListAsync(cancellationToken), cancellationToken);
    }

    /// <summary>Ids of the backfills that wait for the hub's work, oldest first; at one destination, or with null at all.</summary>
    public static async Task<IReadOnlyList<Guid>> ListAtWorkAsync(HubDbContext db, string? destination, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);
        return await db.Set<BackfillRunState>().AsNoTracking()
            .Where(run => _atWork.Contains(run.CurrentState) && (destination == null || run.Destination == destination))
            .OrderBy(run => run.RequestedAt).Select(run => run.CorrelationId).ToListAsync(cancellationToken);
    }

    private static async Task<IReadOnlyList<BackfillView>> ViewsAsync(HubDbContext db, List<BackfillRunState> runs, CancellationToken cancellationToken)
    {
        if (runs.Count == 0)
        {
            return [];
        }

        var tallies = await RunLedgers.ReadAsync(db, [.. runs.Select(run => run.CorrelationId)], cancellationToken);
        return runs.ConvertAll(run => new BackfillView(run, RunLedgers.CountsOf(tallies[run.CorrelationId]), RunLedgers.ReasonsOf(tallies[run.CorrelationId])));
    }

    private static string Id(DbSession session) => session.IsSqlite ? "@run" : "CAST(@run AS uuid)";

    private static string Json(DbSession session, string parameter) => session.IsSqlite ? $"@{parameter}" : $"CAST(@{parameter} AS jsonb)";
}
