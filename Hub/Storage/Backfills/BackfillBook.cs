using System.Text.Json;
using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Contracts.Backfills;
using IntegrationHub.Sagas.BackfillRun;
using IntegrationHub.Storage.Ledger;
using IntegrationHub.Storage.Paging;
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
    /// <param name="groupId">Joins it with the runs that are asked for at once; null for a run of its own.</param>
    /// <param name="window">When its first window opens and closes; null when it has none.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <param name="profileIds">Profiles of a person; null when none was named.</param>
    /// <returns>The scope with the number of people of the list who are known.</returns>
    public static async Task<BackfillScope> AddAsync(
        HubDbContext db, Guid runId, BackfillScope scope, IReadOnlyList<string>? externalIds, Guid? groupId, (DateTimeOffset Opens, DateTimeOffset Closes)? window, CancellationToken cancellationToken,
        IReadOnlyList<long>? profileIds = null)
    {
        ArgumentNullException.ThrowIfNull(scope);
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        if (externalIds is not null)
        {
            var known = await session.ExecuteAsync(
                $"""
                INSERT INTO run_scope (run_id, profile_id)
                SELECT DISTINCT {Id(session)}, {ShownProfile.Of("p.profile_id")}
                FROM {session.Rows(("external_id", "text"))} i {session.Lookup("profiles", "p", "p.tenant_id = 'default' AND p.external_id = i.external_id")}
                WHERE true ON CONFLICT DO NOTHING
                """,
                cancellationToken,
                ("run", runId), ("rows", JsonRows.Of(externalIds.Distinct(StringComparer.Ordinal), (writer, id) => writer.WriteStringValue(id))));
            scope = scope with { People = known };
        }

        if (profileIds is not null)
        {
            var known = await session.ExecuteAsync(
                $"""
                INSERT INTO run_scope (run_id, profile_id) SELECT DISTINCT {Id(session)}, {ShownProfile.Of("i.profile_id")}
                FROM {session.Rows(("profile_id", "bigint"))} i WHERE EXISTS (SELECT 1 FROM profiles p WHERE p.profile_id = i.profile_id) ON CONFLICT DO NOTHING
                """,
                cancellationToken, ("run", runId), ("rows", JsonRows.Of(profileIds.Distinct(), (writer, id) => writer.WriteNumberValue(id))));
            scope = scope with { People = known };
        }

        await session.ExecuteAsync(
            $"""
            INSERT INTO backfill_plans (run_id, scope, group_id, opens_at, closes_at)
            VALUES (@run, {Json(session, "scope")}, {(session.IsSqlite ? "@group" : "CAST(@group AS uuid)")}, {session.Instant("@opens")}, {session.Instant("@closes")})
            """,
            cancellationToken,
            ("run", runId), ("scope", JsonSerializer.Serialize(scope)), ("group", groupId), ("opens", window?.Opens), ("closes", window?.Closes));
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
                $"INSERT INTO run_scope (run_id, profile_id) SELECT {Id(session)}, profile_id FROM before_images WHERE run_id = @of AND destination = @destination AND fields <> '{{}}' ON CONFLICT DO NOTHING",
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
    public static async Task WritePlanAsync(HubDbContext db, Guid runId, string planJson, string? planVersion, string planHash, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        await session.ExecuteAsync(
            $"UPDATE backfill_plans SET plan = {Json(session, "plan")}, plan_version = @version, plan_hash = @hash WHERE run_id = @run", cancellationToken,
            ("run", runId), ("plan", planJson), ("version", planVersion), ("hash", planHash));
    }

    /// <summary>What a plan comes to: records by outcome and reason, those to be written as <c>pending</c>.</summary>
    public static async Task<IReadOnlyList<ReasonCount>> ReadTalliesAsync(HubDbContext db, Guid runId, CancellationToken cancellationToken) =>
        [.. (await RunLedgers.ReadAsync(db, [runId], cancellationToken))[runId].OrderBy(tally => tally.Outcome, StringComparer.Ordinal).ThenBy(tally => tally.Code, StringComparer.Ordinal)];

    /// <summary>People of a plan who as far as is known are not at the destination.</summary>
    public static async Task<long> CountUnknownAsync(HubDbContext db, Guid runId, string destination, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return (long)(await session.ScalarAsync(
            """
            SELECT count(*) FROM deliveries d
            WHERE d.run_id = @run AND NOT EXISTS (SELECT 1 FROM destination_profiles p WHERE p.destination = @destination AND p.profile_id = d.profile_id)
            """,
            cancellationToken, ("run", runId), ("destination", destination)))!;
    }

    /// <summary>A backfill, or null.</summary>
    public static async Task<BackfillView?> FindAsync(HubDbContext db, Guid runId, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);
        var run = await db.Set<BackfillRunState>().AsNoTracking().SingleOrDefaultAsync(row => row.CorrelationId == runId, cancellationToken);
        return run is null ? null : (await ViewsAsync(db, [run], cancellationToken))[0];
    }

    /// <summary>The backfills that are joined by an id, in the order of their destinations; of the id of a run that one; empty when there is none.</summary>
    public static async Task<IReadOnlyList<BackfillView>> FindAllAsync(HubDbContext db, Guid id, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);
        var joined = await JoinedAsync(db, id, cancellationToken);
        var runs = db.Set<BackfillRunState>().AsNoTracking().Where(run => run.CorrelationId == id || joined.Contains(run.CorrelationId));
        return await ViewsAsync(db, await runs.OrderBy(run => run.Destination).ThenBy(run => run.CorrelationId).ToListAsync(cancellationToken), cancellationToken);
    }

    /// <summary>What is decided about as one with a run.</summary>
    public static async Task<JoinedBackfills> FindJoinedAsync(HubDbContext db, Guid runId, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);
        var ids = (await TermsAsync(db, [runId], cancellationToken)).GetValueOrDefault(runId)?.GroupId is { } group ? await JoinedAsync(db, group, cancellationToken) : [runId];
        var runs = await db.Set<BackfillRunState>().AsNoTracking().Where(run => ids.Contains(run.CorrelationId)).OrderBy(run => run.Destination).ToListAsync(cancellationToken);
        return new JoinedBackfills(
            runs.Where(run => run.FinishedAt is null || run.DeliveringAt is not null).Sum(run => run.ToWrite ?? 0),
            runs.Count == ids.Count && runs.TrueForAll(run => run.PlanHash is not null || run.FinishedAt is not null),
            runs.FindAll(run => run.CurrentState == RunState.AwaitingApproval));
    }

    /// <summary>Backfills, newest first: in a state, at a destination, of those that are joined by an id; null for any.</summary>
    /// <param name="db">The context.</param>
    /// <param name="state">State, or null.</param>
    /// <param name="destination">Destination, or null.</param>
    /// <param name="groupId">What joins them, or null.</param>
    /// <param name="ask">Which page.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <param name="onlyOpen">Whether those that are over are left out.</param>
    public static async Task<Page<BackfillView>> ListAsync(HubDbContext db, string? state, string? destination, Guid? groupId, PageAsk ask, CancellationToken cancellationToken, bool onlyOpen = false)
    {
        ArgumentNullException.ThrowIfNull(db);
        ArgumentNullException.ThrowIfNull(ask);
        var runs = db.Set<BackfillRunState>().AsNoTracking().Where(run => (state == null || run.CurrentState == state) && (destination == null || run.Destination == destination));
        runs = onlyOpen ? runs.Where(run => run.FinishedAt == null) : runs;
        if (groupId is { } group)
        {
            var joined = await JoinedAsync(db, group, cancellationToken);
            runs = runs.Where(run => joined.Contains(run.CorrelationId));
        }

        var page = await runs.NewestFirstAsync(ask, run => run.RequestedAt, cancellationToken);
        return page.With(await ViewsAsync(db, [.. page.Items], cancellationToken));
    }

    /// <summary>Ids of the backfills that wait for the hub's work, oldest first; at one destination, or with null at all.</summary>
    public static async Task<IReadOnlyList<Guid>> ListAtWorkAsync(HubDbContext db, string? destination, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);
        return await db.Set<BackfillRunState>().AsNoTracking()
            .Where(run => _atWork.Contains(run.CurrentState) && (destination == null || run.Destination == destination))
            .OrderBy(run => run.RequestedAt).Select(run => run.CorrelationId).ToListAsync(cancellationToken);
    }

    private static async Task<List<Guid>> JoinedAsync(HubDbContext db, Guid groupId, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return await session.ReadAsync("SELECT run_id FROM backfill_plans WHERE group_id = @group", row => row.GetGuid(0), cancellationToken, ("group", groupId));
    }

    private static async Task<IReadOnlyList<BackfillView>> ViewsAsync(HubDbContext db, List<BackfillRunState> runs, CancellationToken cancellationToken)
    {
        if (runs.Count == 0)
        {
            return [];
        }

        var tallies = await RunLedgers.ReadAsync(db, [.. runs.Select(run => run.CorrelationId)], cancellationToken);
        var terms = await TermsAsync(db, runs.ConvertAll(run => run.CorrelationId), cancellationToken);
        return runs.ConvertAll(run => new BackfillView(run, RunLedgers.CountsOf(tallies[run.CorrelationId]), RunLedgers.ReasonsOf(tallies[run.CorrelationId]))
        {
            Terms = terms.GetValueOrDefault(run.CorrelationId, BackfillTerms.None),
        });
    }

    private static async Task<Dictionary<Guid, BackfillTerms>> TermsAsync(HubDbContext db, List<Guid> runs, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        (string, object?)[] ids = [.. runs.Select((run, i) => ($"run{i}", (object?)run))];
        var found = await session.ReadAsync(
            $"SELECT run_id, scope, group_id, CASE WHEN opens_at > {session.Clock} THEN opens_at END FROM backfill_plans WHERE run_id IN ({string.Join(", ", ids.Select(id => $"@{id.Item1}"))})",
            row => KeyValuePair.Create(row.GetGuid(0), TermsOf(BackfillScope.TryRead(row.GetString(1)), row.IsDBNull(2) ? null : row.GetGuid(2), row.IsDBNull(3) ? null : row.Time(3))),
            cancellationToken, ids);
        return found.ToDictionary();
    }

    private static BackfillTerms TermsOf(BackfillScope? scope, Guid? groupId, DateTimeOffset? opensAt) =>
        scope is null ? new(groupId, [], null, Loud: false, opensAt) { IsReadable = false } : new(groupId, scope.Windows ?? [], scope.Rate, scope.Loud, opensAt);

    private static string Id(DbSession session) => session.IsSqlite ? "@run" : "CAST(@run AS uuid)";

    private static string Json(DbSession session, string parameter) => session.IsSqlite ? $"@{parameter}" : $"CAST(@{parameter} AS jsonb)";
}
