using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Contracts.Backfills;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Paging;
using IntegrationHub.Hub.Runs;
using IntegrationHub.Hub.Security;
using IntegrationHub.Sagas.BackfillRun;
using IntegrationHub.Storage.Audit;
using IntegrationHub.Storage.Backfills;
using IntegrationHub.Storage.Runs;
using MassTransit;

namespace IntegrationHub.Hub.Backfills;

/// <summary>Backfills over HTTP. Wherever the id of a run may stand, the one that joins several may stand as well; the answer is then a <see cref="BackfillGroupJson"/>.</summary>
internal static class BackfillRoutes
{
    private const int MostRuns = 500;
    private const string Cancel = "cancel";
    private const string Pause = "pause";
    private const string Resume = "resume";
    private static readonly TimeSpan _lookForRowEvery = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan _longestWaitForRow = TimeSpan.FromSeconds(10);

    public static void MapBackfills(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/v1/backfills", PlanAsync).WithName("planBackfill").Produces<BackfillJson>(202).ProducesProblem(400).ProducesProblem(404).Needs(Scope.RunsWrite)
            .Takes(CommandTerms.Blind("it makes the plan that is approved by its hash", "when `loud` or `allow_repeat` is true"));
        routes.MapGet("/v1/backfills", ListAsync).WithName("listBackfills").ProducesPage<BackfillJson>().Needs(Scope.RunsRead);
        routes.MapGet("/v1/backfills/{runId:guid}", ShowAsync).WithName("showBackfill").Produces<BackfillJson>().ProducesProblem(404).Needs(Scope.RunsRead);
        routes.MapPost("/v1/backfills/{runId:guid}/approve", ApproveAsync).WithName("approveBackfill").Produces<BackfillJson>(202).ProducesProblem(400).ProducesProblem(403).ProducesProblem(404).ProducesProblem(409).Needs(Scope.RunsApprove)
            .Takes(new CommandTerms { WhyNeeded = CommandTerms.Always, Seen = "plan_hash", SeenNeeded = CommandTerms.Always });
        routes.MapPost("/v1/backfills/{runId:guid}/start", StartAsync).WithName("startBackfill").Produces<BackfillJson>(202).ProducesProblem(400).ProducesProblem(403).ProducesProblem(404).ProducesProblem(409).Needs(Scope.RunsApprove)
            .Takes(new CommandTerms { WhyNeeded = CommandTerms.Always, Seen = "expected_version" });
        routes.MapPost("/v1/backfills/{runId:guid}/rollback", RollBackAsync).WithName("rollBackBackfill").Produces<BackfillJson>(202).ProducesProblem(400).ProducesProblem(404).ProducesProblem(409).Needs(Scope.RunsWrite)
            .Takes(CommandTerms.Blind("it makes the plan that is approved by its hash", CommandTerms.Always));
        MapCommand(routes, Pause, (runId, by, at) => new PauseBackfill { RunId = runId, By = by, At = at });
        MapCommand(routes, Resume, (runId, by, at) => new ResumeBackfill { RunId = runId, By = by, At = at });
        MapCommand(routes, Cancel, (runId, by, at) => new CancelBackfill { RunId = runId, By = by, At = at });
    }

    private static async Task<IResult> PlanAsync(
        BackfillBody body, HttpContext http, BackfillStarter starter, ReplayStarter replays, BackfillDesk desk, TimeProvider time, CancellationToken cancellationToken)
    {
        if (body.Refuse() is { } malformed)
        {
            return malformed;
        }

        if (body is { IsSilent: true } and ({ Loud: true } or { AllowRepeat: true }))
        {
            return CommandRouting.WhyMissing("", body.Loud ? "it may create people and start the vendor's automation" : "the vendor may count events twice");
        }

        if (body is { Destination: not null, Destinations: not null })
        {
            return Problems.Of(400, "field-clash", "destinations", "Name one destination in 'destination', or several in 'destinations', not both.");
        }

        AuditEntry Entry(Guid id) => http.Entry("backfill.plan", BackfillApproval.SubjectOf(id), body.Reason);
        string[] names = body.Destinations is { } several ? [.. several.Distinct(StringComparer.Ordinal)] : body.Destination is { } one ? [one] : [];
        var request = new BackfillRequest(names, body.Audience, body.People, body.Attributes, http.Caller().Id)
        {
            IsJoined = body.Destinations is not null, Windows = body.Windows, Rate = body.Rate, Loud = body.Loud,
        };
        var (started, refusal) = body.Kind switch
        {
            null or BackfillKind.Attributes => await starter.PlanAsync(request, Entry, cancellationToken),
            BackfillKind.Redeliver or BackfillKind.Rebuild => await replays.PlanAsync(
                new ReplayRequest(body.Kind, request)
                {
                    Types = body.Types, From = body.From, To = body.To, Producers = body.Producers, Run = body.Run, Subject = body.Subject, AllowRepeat = body.AllowRepeat,
                },
                Entry, cancellationToken),
            _ => (null, new RunRefusal(400, "kind-unknown", "kind", $"There is no kind '{body.Kind}'. Write {BackfillKind.Attributes}, {BackfillKind.Redeliver} or {BackfillKind.Rebuild}; a rollback is asked for with 'backfill rollback RUN'.")),
        };
        return started is null ? Refused(refusal!) : await AcceptedAsync(started, body.Kind ?? BackfillKind.Attributes, http.Caller().Id, desk, time, cancellationToken);
    }

    private static async Task<IResult> RollBackAsync(Guid runId, RollbackBody? body, HttpContext http, BackfillStarter starter, BackfillDesk desk, TimeProvider time, CancellationToken cancellationToken)
    {
        body ??= new RollbackBody();
        if (body.Refuse() is { } malformed)
        {
            return malformed;
        }

        if (await desk.FindAsync(runId, cancellationToken) is not { } match)
        {
            return Unknown(runId);
        }

        var (started, refusal) = await starter.RollBackAsync(
            match.Runs, match.IsGroup, body, http.Caller().Id, id => http.Entry("backfill.rollback", BackfillApproval.SubjectOf(id), body.Reason), cancellationToken);
        return started is null ? Refused(refusal!) : await AcceptedAsync(started, BackfillKind.Rollback, http.Caller().Id, desk, time, cancellationToken);
    }

    private static async Task<IResult> ListAsync(string? state, string? destination, Guid? group, bool? open, string? after, int? limit, OutboxTransaction transactions, CancellationToken cancellationToken) =>
        Results.Json(PageJson.Of(
            await transactions.ReadAsync(db => BackfillBook.ListAsync(db, state, destination, group, ListRoutes.Ask(after, limit, 50, MostRuns), cancellationToken, open is true)), view => BackfillJson.From(view, null)));

    private static async Task<IResult> ShowAsync(Guid runId, BackfillDesk desk, CancellationToken cancellationToken) =>
        await desk.FindAsync(runId, cancellationToken) is { } match ? Results.Json(await desk.ShowAsync(match, cancellationToken)) : Unknown(runId);

    private static async Task<IResult> ApproveAsync(Guid runId, ApprovalBody body, HttpContext http, BackfillDesk desk, BackfillWord word, CancellationToken cancellationToken)
    {
        if (body.Refuse() is { } malformed)
        {
            return malformed;
        }

        if (string.IsNullOrEmpty(body.PlanHash))
        {
            return Problems.Of(400, "field-missing", "plan_hash", $"Name in 'plan_hash' the plan that you looked at: 'backfill show {runId}' tells its hash. Nothing was decided.");
        }

        if (await desk.FindAsync(runId, cancellationToken) is not { } match)
        {
            return Unknown(runId);
        }

        var (approved, refusal) = await word.ApproveAsync(match, body, http.Caller(), http.Via(), cancellationToken);
        return refusal is not null
            ? Refused(refusal)
            : Results.Json(BackfillDesk.Acknowledge(match, view => BackfillJson.From(view, null) with { Approval = approved!.GetValueOrDefault(view.Run.CorrelationId) }), statusCode: 202);
    }

    private static async Task<IResult> StartAsync(Guid runId, RunCommandBody? body, HttpContext http, BackfillDesk desk, BackfillWord word, CancellationToken cancellationToken)
    {
        if (await desk.FindAsync(runId, cancellationToken) is not { } match)
        {
            return Unknown(runId);
        }

        if ((body?.Refuse() ?? RefuseUnseen(match, RunVersion.Seen(http.Request, body))) is { } refused)
        {
            return refused;
        }

        var (started, refusal) = await word.StartAsync(match, body?.Reason, http.Caller(), http.Via(), cancellationToken);
        return refusal is not null
            ? Refused(refusal)
            : Results.Json(BackfillDesk.Acknowledge(match, view => BackfillJson.From(view, null) with { Approval = started!.GetValueOrDefault(view.Run.CorrelationId) }), statusCode: 202);
    }

    /// <summary>A command to each run that can take it; refused when none can.</summary>
    private static void MapCommand<TCommand>(IEndpointRouteBuilder routes, string verb, Func<Guid, string, DateTimeOffset, TCommand> create)
        where TCommand : class =>
        routes.MapPost($"/v1/backfills/{{runId:guid}}/{verb}", async (Guid runId, RunCommandBody? body, HttpContext http, BackfillDesk desk, BackfillApproval approvals, OutboxTransaction transactions, TimeProvider time, CancellationToken cancellationToken) =>
        {
            if (await desk.FindAsync(runId, cancellationToken) is not { } match)
            {
                return Unknown(runId);
            }

            if ((body?.Refuse() ?? RefuseUnseen(match, RunVersion.Seen(http.Request, body))) is { } refused)
            {
                return refused;
            }

            var takers = match.Runs.Where(view => view.Run.FinishedAt is null && (verb != Resume || view.Run.CurrentState == RunState.Paused)).ToList();
            if (takers.Count == 0)
            {
                return Refused(match.Runs.All(view => view.Run.FinishedAt is not null) ? BackfillWord.Over(match) : BackfillWord.NotWaiting(match, verb));
            }

            if (verb == Cancel && body is not { IsSilent: false } && takers.Exists(view => RunCommandBody.NeedsWhyToCancel(view.Run.CurrentState)))
            {
                return CommandRouting.WhyMissing($"backfill {runId}", RunCommandBody.BecauseOfCancel);
            }

            await transactions.RunAsync(
                async (db, bus) =>
                {
                    foreach (var view in takers)
                    {
                        var id = view.Run.CorrelationId;
                        await bus.Publish(create(id, http.Caller().Id, time.GetUtcNow()), cancellationToken);
                        await (verb == Cancel ? approvals.WithdrawAsync(db, view.Run, cancellationToken) : Task.CompletedTask);
                    }

                    foreach (var view in takers)
                    {
                        await AuditLog.AppendAsync(db, http.Entry($"backfill.{verb}", BackfillApproval.SubjectOf(view.Run.CorrelationId), body?.Reason), cancellationToken);
                    }
                },
                cancellationToken);
            return Results.Json(BackfillDesk.Acknowledge(match, view => BackfillJson.From(view, null)), statusCode: 202);
        }).WithName($"{verb}Backfill").Produces<BackfillJson>(202).ProducesProblem(400).ProducesProblem(404).ProducesProblem(409).Needs(Scope.RunsWrite)
            .Takes(new CommandTerms { WhyNeeded = verb == Cancel ? RunCommandBody.WhenCancelNeedsWhy : null, Seen = "expected_version" });

    /// <summary>Refuses a decision about another version than the one that stands.</summary>
    private static IResult? RefuseUnseen(BackfillMatch match, string? seen) => seen switch
    {
        null => null,
        _ when match.IsGroup => Problems.Of(400, "field-unexpected", "expected_version", "A version belongs to one run. Name that run, or leave 'expected_version' out."),
        _ when seen != RunVersion.Of(match.Runs[0]) => Problems.Of(
            409, "plan-changed", "expected_version", $"Run {match.Id} is not what you saw: it is {match.Runs[0].Run.CurrentState} by now. Nothing was done; look at it again: 'backfill show {match.Id}'."),
        _ => null,
    };

    /// <summary>
    /// A run is acknowledged once its row stands, for the in-memory bus may forget the command before. When that takes long it is acknowledged all the same, with its id and little more: it was asked for,
    /// and whoever were told otherwise would ask again.
    /// </summary>
    private static async Task<IResult> AcceptedAsync(StartedBackfill begun, string kind, string by, BackfillDesk desk, TimeProvider time, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        using var timer = new PeriodicTimer(_lookForRowEvery, time);
        while (true)
        {
            if (await desk.FindAsync(begun.Id, cancellationToken) is { } match && match.Runs.Count == begun.Runs.Count)
            {
                return Results.Json(await desk.ShowAsync(match, cancellationToken), statusCode: 202);
            }

            if (time.GetElapsedTime(started) > _longestWaitForRow)
            {
                return Results.Json(begun.GroupId is { } group ? BackfillGroupJson.Of(group, [.. begun.Runs.Select(Begun)]) : Begun(begun.Runs[0]), statusCode: 202);
            }

            await timer.WaitForNextTickAsync(cancellationToken);
        }

        BackfillJson Begun(Guid runId) => BackfillJson.From(
            new BackfillView(
                new BackfillRunState
                {
                    CorrelationId = runId, CurrentState = RunState.Requested, Kind = kind, RequestedBy = by, RequestedAt = time.GetUtcNow(), LastProgressAt = time.GetUtcNow(),
                    WaitingFor = $"It is written down and will begin; 'backfill show {runId}' shows it then.",
                },
                new LedgerCounts(0, 0, 0, 0, 0, 0, 0), []) { Terms = BackfillTerms.None with { GroupId = begun.GroupId } },
            null);
    }

    private static IResult Refused(RunRefusal refusal) => Problems.Of(refusal.Status, refusal.Type, refusal.Field, refusal.Detail);

    private static IResult Unknown(Guid runId) => Problems.Of(404, "run-unknown", "run_id", $"There is no backfill {runId}. GET /v1/backfills lists them.");
}
