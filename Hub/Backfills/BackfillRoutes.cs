using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Contracts.Backfills;
using IntegrationHub.Hub.Approvals;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Runs;
using IntegrationHub.Hub.Security;
using IntegrationHub.Storage.Audit;
using IntegrationHub.Storage.Backfills;
using MassTransit;

namespace IntegrationHub.Hub.Backfills;

/// <summary>Backfills over HTTP.</summary>
internal static class BackfillRoutes
{
    private const int MostRuns = 500;
    private const string Cancel = "cancel";
    private static readonly TimeSpan _lookForRowEvery = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan _longestWaitForRow = TimeSpan.FromSeconds(10);

    public static void MapBackfills(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/v1/backfills", PlanAsync).WithName("planBackfill").Produces<BackfillJson>(202).ProducesProblem(400).ProducesProblem(404).Needs(Scope.RunsWrite);
        routes.MapGet("/v1/backfills", ListAsync).WithName("listBackfills").Produces<IReadOnlyList<BackfillJson>>().Needs(Scope.RunsRead);
        routes.MapGet("/v1/backfills/{runId:guid}", ShowAsync).WithName("showBackfill").Produces<BackfillJson>().ProducesProblem(404).Needs(Scope.RunsRead);
        routes.MapPost("/v1/backfills/{runId:guid}/approve", ApproveAsync).WithName("approveBackfill").Produces<BackfillJson>(202).ProducesProblem(400).ProducesProblem(403).ProducesProblem(404).ProducesProblem(409).Needs(Scope.RunsApprove);
        routes.MapPost("/v1/backfills/{runId:guid}/rollback", RollBackAsync).WithName("rollBackBackfill").Produces<BackfillJson>(202).ProducesProblem(404).ProducesProblem(409).Needs(Scope.RunsWrite);
        MapCommand(routes, "pause", (runId, by, at) => new PauseBackfill { RunId = runId, By = by, At = at });
        MapCommand(routes, "resume", (runId, by, at) => new ResumeBackfill { RunId = runId, By = by, At = at });
        MapCommand(routes, Cancel, (runId, by, at) => new CancelBackfill { RunId = runId, By = by, At = at });
    }

    private static async Task<IResult> PlanAsync(BackfillBody body, HttpContext http, BackfillStarter starter, OutboxTransaction transactions, TimeProvider time, CancellationToken cancellationToken)
    {
        var (runId, refusal) = await starter.PlanAsync(new BackfillRequest(body.Destination, body.Audience, body.People, body.Attributes, http.Caller().Id), id => http.Entry("backfill.plan", BackfillApproval.SubjectOf(id)), cancellationToken);
        return refusal is null ? await AcceptedAsync(runId, transactions, time, cancellationToken) : Refused(refusal);
    }

    private static async Task<IResult> RollBackAsync(Guid runId, HttpContext http, BackfillStarter starter, OutboxTransaction transactions, TimeProvider time, CancellationToken cancellationToken)
    {
        if (await transactions.ReadAsync(db => BackfillBook.FindAsync(db, runId, cancellationToken)) is not { } view)
        {
            return Unknown(runId);
        }

        var (rollbackId, refusal) = await starter.RollBackAsync(view, http.Caller().Id, id => http.Entry("backfill.rollback", BackfillApproval.SubjectOf(id)), cancellationToken);
        return refusal is null ? await AcceptedAsync(rollbackId, transactions, time, cancellationToken) : Refused(refusal);
    }

    private static async Task<IResult> ListAsync(string? state, string? destination, int? limit, OutboxTransaction transactions, CancellationToken cancellationToken)
    {
        var views = await transactions.ReadAsync(db => BackfillBook.ListAsync(db, state, destination, Math.Clamp(limit ?? 50, 1, MostRuns), cancellationToken));
        return Results.Json(views.Select(view => BackfillJson.From(view, null)));
    }

    private static async Task<IResult> ShowAsync(Guid runId, OutboxTransaction transactions, CancellationToken cancellationToken) =>
        await FindAsync(runId, transactions, cancellationToken) is { } shown ? Results.Json(shown) : Unknown(runId);

    /// <summary>A word to the plan that is on the caller's screen; asks for it first when the hub has not yet.</summary>
    private static async Task<IResult> ApproveAsync(
        Guid runId, ApprovalBody body, HttpContext http, ApprovalCourt court, BackfillApproval approvals, OutboxTransaction transactions, CancellationToken cancellationToken)
    {
        if (await transactions.ReadAsync(db => BackfillBook.FindAsync(db, runId, cancellationToken)) is not { } view)
        {
            return Unknown(runId);
        }

        if (view.Run.CurrentState != RunState.AwaitingApproval)
        {
            return NotWaiting(view, "approve");
        }

        if (string.IsNullOrEmpty(body.PlanHash))
        {
            return Problems.Of(400, "field-missing", "plan_hash", $"Name the plan that you looked at: plan_hash of GET /v1/backfills/{runId}.");
        }

        if (body.PlanHash != view.Run.PlanHash)
        {
            return Problems.Of(409, "plan-changed", "plan_hash", $"Run {runId} has another plan than the one that you looked at. 'backfill show {runId}' shows it.");
        }

        var approvalId = await transactions.RunAsync((db, _) => approvals.RequestAsync(db, view.Run, cancellationToken), cancellationToken);
        var (approval, refusal) = await court.DecideAsync(approvalId, new Verdict(http.Caller(), http.Via(), Approves: true, Reason: null, body.PlanHash), cancellationToken);
        return refusal is not null
            ? Problems.Of(refusal.Status, refusal.Type, refusal.Field, refusal.Detail)
            : Results.Json(BackfillJson.From(view, await transactions.ReadAsync(db => BackfillBook.FindPlanAsync(db, runId, cancellationToken))) with { Approval = ApprovalJson.From(approval!) }, statusCode: 202);
    }

    private static void MapCommand<TCommand>(IEndpointRouteBuilder routes, string verb, Func<Guid, string, DateTimeOffset, TCommand> create)
        where TCommand : class =>
        routes.MapPost($"/v1/backfills/{{runId:guid}}/{verb}", async (Guid runId, HttpContext http, BackfillApproval approvals, OutboxTransaction transactions, TimeProvider time, CancellationToken cancellationToken) =>
        {
            if (await transactions.ReadAsync(db => BackfillBook.FindAsync(db, runId, cancellationToken)) is not { } view)
            {
                return Unknown(runId);
            }

            if (view.Run.FinishedAt is not null)
            {
                return Problems.Of(409, "run-over", "run_id", $"Run {runId} is over ({view.Run.CurrentState}); it cannot be changed any more. What it wrote can be taken back: 'backfill rollback {runId}'.");
            }

            if (verb == "resume" && view.Run.CurrentState != RunState.Paused)
            {
                return NotWaiting(view, verb);
            }

            await transactions.RunAsync(
                async (db, bus) =>
                {
                    await bus.Publish(create(runId, http.Caller().Id, time.GetUtcNow()), cancellationToken);
                    await (verb == Cancel ? approvals.WithdrawAsync(db, view.Run, cancellationToken) : Task.CompletedTask);
                    await AuditLog.AppendAsync(db, http.Entry($"backfill.{verb}", BackfillApproval.SubjectOf(runId)), cancellationToken);
                },
                cancellationToken);
            return Results.Json(BackfillJson.From(view, null), statusCode: 202);
        }).WithName($"{verb}Backfill").Produces<BackfillJson>(202).ProducesProblem(404).ProducesProblem(409).Needs(Scope.RunsWrite);

    /// <summary>A run is acknowledged once its row stands, for the in-memory bus may forget the command before.</summary>
    private static async Task<IResult> AcceptedAsync(Guid runId, OutboxTransaction transactions, TimeProvider time, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        using var timer = new PeriodicTimer(_lookForRowEvery, time);
        while (true)
        {
            if (await FindAsync(runId, transactions, cancellationToken) is { } shown)
            {
                return Results.Json(shown, statusCode: 202);
            }

            if (time.GetElapsedTime(started) > _longestWaitForRow)
            {
                return Problems.Of(503, "run-not-begun", "run_id", $"Run {runId} is written down and will begin; 'backfill show {runId}' shows it then.");
            }

            await timer.WaitForNextTickAsync(cancellationToken);
        }
    }

    private static Task<BackfillJson?> FindAsync(Guid runId, OutboxTransaction transactions, CancellationToken cancellationToken) => transactions.ReadAsync(async db =>
        await BackfillBook.FindAsync(db, runId, cancellationToken) is { } view ? BackfillJson.From(view, await BackfillBook.FindPlanAsync(db, runId, cancellationToken)) : null);

    private static IResult NotWaiting(BackfillView view, string verb) => Problems.Of(
        409, "run-not-waiting", "run_id", $"Run {view.Run.CorrelationId} is {view.Run.CurrentState}; there is nothing to {verb}. 'backfill show {view.Run.CorrelationId}' says what it waits for.");

    private static IResult Refused(RunRefusal refusal) => Problems.Of(refusal.Status, refusal.Type, refusal.Field, refusal.Detail);

    private static IResult Unknown(Guid runId) => Problems.Of(404, "run-unknown", "run_id", $"There is no backfill {runId}. GET /v1/backfills lists them.");
}
