using System.Text.Json.Serialization;
using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Hub.Approvals;
using IntegrationHub.Hub.Backfills;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Paging;
using IntegrationHub.Hub.Security;
using IntegrationHub.Storage.Approvals;
using IntegrationHub.Storage.Audit;
using IntegrationHub.Storage.Backfills;
using IntegrationHub.Storage.Configurations;
using IntegrationHub.Storage.Runs;
using IntegrationHub.Storage.Verification;
using MassTransit;

namespace IntegrationHub.Hub.Runs;

/// <summary>Body of <c>POST /v1/audience-syncs</c>.</summary>
internal sealed record StartAudienceSyncBody : WhyJson
{
    /// <summary>Key of the audience.</summary>
    [JsonPropertyName("audience")]
    public string? Audience { get; init; }

    /// <summary>Names of destinations; all of the audience's when absent.</summary>
    [JsonPropertyName("destinations")]
    public IReadOnlyList<string>? Destinations { get; init; }

    /// <summary><c>full</c> (default), <c>delta</c> or <c>mirror</c>.</summary>
    [JsonPropertyName("mode")]
    public string? Mode { get; init; }

    /// <summary>Snapshot to apply first.</summary>
    [JsonPropertyName("snapshot_id")]
    public Guid? SnapshotId { get; init; }
}

/// <summary>Answer of <c>POST /v1/audience-syncs</c>.</summary>
internal sealed record StartedRunsJson([property: JsonPropertyName("runs")] IReadOnlyList<RunJson> Runs);

/// <summary>Runs over HTTP.</summary>
internal static class RunEndpoints
{
    private const string Cancel = "cancel";
    private const int MostRuns = 500;
    private const int MostFindings = 1_000;
    private static readonly TimeSpan _lookForRowEvery = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan _longestWaitForRow = TimeSpan.FromSeconds(10);

    public static void MapRuns(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/v1/audience-syncs", StartAsync).WithName("startAudienceSync").Produces<StartedRunsJson>(202).ProducesProblem(400).ProducesProblem(404).ProducesProblem(409).Needs(Scope.RunsWrite)
            .Takes(CommandTerms.Blind("the run plans anew, and a guardrail holds it where it would remove many"));
        routes.MapGet("/v1/runs", ListAsync).WithName("listRuns").ProducesPage<RunJson>().Needs(Scope.RunsRead);
        routes.MapGet("/v1/runs/{runId:guid}", ShowAsync).WithName("showRun").Produces<RunJson>().ProducesProblem(404).Needs(Scope.RunsRead);
        routes.MapGet("/v1/audiences", (HubConfiguration configuration) => Results.Json(PageJson.Whole(configuration.Audiences.Values.OrderBy(audience => audience.Key, StringComparer.Ordinal)
            .Select(audience => new AudienceJson(audience.Key, audience.Destinations, audience.Guardrail.MaxRemovalShare)))))
            .WithName("listAudiences").ProducesPage<AudienceJson>().Needs(Scope.RunsRead);
        routes.MapGet("/v1/audiences/standings", AudienceStandings.ListAsync).WithName("listAudienceStandings").ProducesPage<AudienceStandingJson>().Needs(Scope.RunsRead);
        routes.MapGet("/v1/runs/{runId:guid}/findings", FindingsAsync).WithName("listRunFindings").ProducesPage<RunFindingsJson, RunFindingJson>().ProducesProblem(404).Needs(Scope.RunsRead);
        routes.MapPost("/v1/runs/{runId:guid}/approve", ApproveAsync).WithName("approveRun").Produces<RunJson>(202).ProducesProblem(400).ProducesProblem(404).ProducesProblem(409).Needs(Scope.RunsApprove)
            .Takes(new CommandTerms { WhyNeeded = CommandTerms.Always, Seen = "expected_version", SeenNeeded = CommandTerms.Always });
        MapCommand(routes, "pause", (runId, by, at) => new PauseAudienceSync { RunId = runId, By = by, At = at });
        MapCommand(routes, "resume", (runId, by, at) => new ResumeAudienceSync { RunId = runId, By = by, At = at });
        MapCommand(routes, Cancel, (runId, by, at) => new CancelAudienceSync { RunId = runId, By = by, At = at });
    }

    private static async Task<IResult> StartAsync(StartAudienceSyncBody body, HttpContext http, HubConfiguration configuration, RunStarter starter, RunWaiting waiting, DestinationDirectory destinations, OutboxTransaction transactions, IRunStore runs, TimeProvider time, CancellationToken cancellationToken)
    {
        if (body.Refuse() is { } malformed)
        {
            return malformed;
        }

        if (string.IsNullOrWhiteSpace(body.Audience))
        {
            return Problems.Of(400, "field-missing", "audience", "The field 'audience' is missing. Name the audience to sync.");
        }

        body = body with { Audience = configuration.AudienceKeyOf(body.Audience) };

        // Before anything is done: the run itself may be quick.
        var moves = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        foreach (var destination in destinations.All.Where(destination => destination.Audiences.Contains(body.Audience)))
        {
            moves[destination.Name] = await waiting.MovesAsync(destination.Name, body.Audience, cancellationToken);
        }

        var (started, refusal) = await starter.StartAsync(
            new RunRequest(body.Audience, body.Destinations ?? [], body.Mode, body.SnapshotId, http.Caller().Id),
            cancellationToken,
            async (db, runs) =>
            {
                foreach (var (runId, _) in runs)
                {
                    await AuditLog.AppendAsync(db, http.Entry("run.start", SyncApproval.SubjectOf(runId), body.Reason), cancellationToken);
                }

                return true;
            });
        if (refusal is not null)
        {
            return Problems.Of(refusal.Status, refusal.Type, refusal.Field, refusal.Detail);
        }

        var views = new List<RunJson>(started.Count);
        foreach (var (runId, destination) in started)
        {
            var view = await WaitForRowAsync(runId, transactions, runs, time, cancellationToken);
            var shown = view is null ? Requested(runId, body, destination, time.GetUtcNow()) : RunJson.From(view); // what it waits for shows when it waits
            views.Add(moves.GetValueOrDefault(destination) is { Count: > 0 } some ? shown with { Moves = some } : shown);
        }

        return Results.Json(new StartedRunsJson(views), statusCode: 202);
    }

    /// <summary>
    /// A run is acknowledged once its row stands, for the in-memory bus may forget the command before. A broker that is away does not hold the
    /// answer up for long: the outbox keeps the command.
    /// </summary>
    private static async Task<RunView?> WaitForRowAsync(Guid runId, OutboxTransaction transactions, IRunStore runs, TimeProvider time, CancellationToken cancellationToken)
    {
        var started = time.GetTimestamp();
        using var timer = new PeriodicTimer(_lookForRowEvery, time);
        while (true)
        {
            var view = await transactions.ReadAsync(db => runs.FindAsync(db, runId, cancellationToken));
            if (view is not null || time.GetElapsedTime(started) > _longestWaitForRow)
            {
                return view;
            }

            await timer.WaitForNextTickAsync(cancellationToken);
        }
    }

    private static async Task<IResult> ListAsync(
        string? state, string? audience, string? destination, bool? open, bool? stalled, string? after, int? limit, HubConfiguration configuration, RunWaiting waiting, OutboxTransaction transactions, IRunStore runs, CancellationToken cancellationToken)
    {
        var filter = new RunFilter(state, audience is null ? null : configuration.AudienceKeyOf(audience), destination) { IsOpen = open ?? false, IsStalled = stalled ?? false };
        var page = await transactions.ReadAsync(db => runs.ListAsync(db, filter, ListRoutes.Ask(after, limit, 50, MostRuns), cancellationToken));
        return Results.Json(PageJson.Of(page.With(await waiting.ShowAsync(page.Items, cancellationToken))));
    }

    private static async Task<IResult> ShowAsync(Guid runId, HttpContext http, RunWaiting waiting, OutboxTransaction transactions, IRunStore runs, CancellationToken cancellationToken)
    {
        var view = await transactions.ReadAsync(db => runs.FindAsync(db, runId, cancellationToken));
        var shown = view is not null ? await waiting.ShowAsync(view, cancellationToken)
            : await transactions.ReadAsync(db => BackfillBook.FindAsync(db, runId, cancellationToken)) is { } backfill ? await waiting.ExplainAsync(RunJson.From(backfill), cancellationToken)
            : null;
        if (shown is null)
        {
            return Unknown(runId);
        }

        var (version, approval) = await transactions.ReadAsync(async db => (
            await ConfigurationFence.PinnedAsync(db, runId, cancellationToken),
            shown.State == RunState.AwaitingApproval ? await ApprovalDesk.FindLastAsync(db, view is null ? BackfillApproval.SubjectOf(runId) : SyncApproval.SubjectOf(runId), cancellationToken) : null));
        return Results.Json(shown with { ConfigVersion = version, Actions = RunActions.Of(shown, http.Caller(), approval) });
    }

    private static async Task<IResult> FindingsAsync(
        Guid runId, string? kind, string? after, int? limit, OutboxTransaction transactions, IRunStore runs, IReadBackStore readBacks, CancellationToken cancellationToken)
    {
        if (kind is not null && !ReadBackFinding.Kinds.Contains(kind))
        {
            return Problems.Of(400, "kind-unknown", "kind", $"'{kind}' is no kind of finding. Use one of {string.Join(", ", ReadBackFinding.Kinds)}, or leave it out.");
        }

        var view = await transactions.ReadAsync(db => runs.FindAsync(db, runId, cancellationToken));
        if (view is null)
        {
            return Unknown(runId);
        }

        return Results.Json(RunFindingsJson.From(
            view, await transactions.ReadAsync(db => readBacks.ListFindingsAsync(db, runId, kind, ListRoutes.Ask(after, limit, 100, MostFindings), cancellationToken))));
    }

    private static void MapCommand<TCommand>(IEndpointRouteBuilder routes, string verb, Func<Guid, string, DateTimeOffset, TCommand> create)
        where TCommand : class =>
        routes.MapPost($"/v1/runs/{{runId:guid}}/{verb}", async (Guid runId, RunCommandBody? body, HttpContext http, OutboxTransaction transactions, IRunStore runs, TimeProvider time, CancellationToken cancellationToken) =>
        {
            var (view, refusal) = await FindAsync(verb, runId, body, http.Request, transactions, runs, cancellationToken);
            if (refusal is not null)
            {
                return refusal;
            }

            await transactions.RunAsync(
                async (db, bus) =>
                {
                    var now = time.GetUtcNow();
                    await bus.Publish(create(runId, http.Caller().Id, now), cancellationToken);
                    if (verb == Cancel && await ApprovalDesk.FindWaitingAsync(db, ApprovalKind.Sync, SyncApproval.SubjectOf(runId), cancellationToken) is { } waiting)
                    {
                        await ApprovalDesk.EndAsync(db, waiting, ApprovalState.Withdrawn, now, cancellationToken);
                    }

                    await AuditLog.AppendAsync(db, http.Entry($"run.{verb}", SyncApproval.SubjectOf(runId), body?.Reason), cancellationToken);
                },
                cancellationToken);
            return Results.Json(RunJson.From(view!), statusCode: 202);
        }).WithName($"{verb}Run").Produces<RunJson>(202).ProducesProblem(400).ProducesProblem(404).ProducesProblem(409).Needs(Scope.RunsWrite)
            .Takes(new CommandTerms { WhyNeeded = verb == Cancel ? RunCommandBody.WhenCancelNeedsWhy : null, Seen = "expected_version" });

    /// <summary>An approval of the run that is on the caller's screen; asks for it first when the hub has not yet.</summary>
    private static async Task<IResult> ApproveAsync(
        Guid runId, RunCommandBody? body, HttpContext http, ApprovalCourt court, SyncApproval approvals, OutboxTransaction transactions, IRunStore runs, CancellationToken cancellationToken)
    {
        if (RunVersion.Seen(http.Request, body) is null)
        {
            return Problems.Of(
                400, "field-missing", "expected_version",
                $"Name in 'expected_version', or as If-Match, the version of run {runId} that you looked at: 'sync show {runId} --json' tells it. In a terminal: sync approve {runId} --expected-version VERSION --reason TEXT. Nothing was decided.");
        }

        var (view, refused) = await FindAsync("approve", runId, body, http.Request, transactions, runs, cancellationToken);
        if (refused is not null)
        {
            return refused;
        }

        var verdict = new Verdict(http.Caller(), http.Via(), Approves: true, body?.Reason, RunVersion.Of(view!));
        var approvalId = await transactions.RunAsync((db, _) => approvals.RequestAsync(db, view!, cancellationToken), cancellationToken);
        var (_, refusal) = await court.DecideAsync(approvalId, verdict, cancellationToken);
        return refusal is null ? Results.Json(RunJson.From(view!), statusCode: 202) : Problems.Of(refusal.Status, refusal.Type, refusal.Field, refusal.Detail);
    }

    private static async Task<(RunView? Run, IResult? Refusal)> FindAsync(
        string verb, Guid runId, RunCommandBody? body, HttpRequest request, OutboxTransaction transactions, IRunStore runs, CancellationToken cancellationToken)
    {
        var view = await transactions.ReadAsync(db => runs.FindAsync(db, runId, cancellationToken));
        return (view, view switch
        {
            _ when body?.Refuse() is { } malformed => malformed,
            null => Unknown(runId),
            { FinishedAt: not null } => Problems.Of(409, "run-over", "run_id", $"Run {runId} is over ({view.State}); it cannot be changed any more."),
            _ when (verb == "approve" && view.State != RunState.AwaitingApproval) || (verb == "resume" && view.State != RunState.Paused) => Problems.Of(409, "run-not-waiting", "run_id", NothingTo(verb, view)),
            _ when verb == Cancel && body is not { IsSilent: false } && RunCommandBody.NeedsWhyToCancel(view.State) => CommandRouting.WhyMissing($"run {runId}", RunCommandBody.BecauseOfCancel),
            _ when RunVersion.Seen(request, body) is { } seen && seen != RunVersion.Of(view) =>
                Problems.Of(409, "plan-changed", "expected_version", $"Run {runId} is not what you saw: it is {view.State} by now{(view.State == RunState.AwaitingApproval ? ", with another plan" : "")}. Nothing was done; look at it again: 'sync show {runId}'."),
            _ => null,
        });
    }

    private static RunJson Requested(Guid runId, StartAudienceSyncBody body, string destination, DateTimeOffset at) => new()
    {
        RunId = runId,
        Kind = "audience_sync",
        State = RunState.Requested,
        Audience = body.Audience!,
        Destination = destination,
        Mode = body.Mode ?? SyncMode.Full,
        SnapshotId = body.SnapshotId,
        RequestedAt = at,
        Counts = new CountsJson(0, 0, 0, 0, 0, 0, 0),
        Reasons = [],
        Verification = new VerificationJson(null, null, null, null),
    };

    internal static string NothingTo(string verb, RunView run) => run.State switch
    {
        RunState.AwaitingApproval => $"Run {run.RunId} waits for a person's approval, not for a {verb}: 'sync approve {run.RunId}' lets it pass, 'sync cancel {run.RunId}' stops it.",
        RunState.Paused => $"Run {run.RunId} is Paused; 'sync resume {run.RunId}' first, then there may be something to {verb}.",
        _ => $"Run {run.RunId} is {run.State}, nobody holds it; there is nothing to {verb}. It goes on by itself; 'sync show {run.RunId}' says what it waits for.",
    };

    private static IResult Unknown(Guid runId) => Problems.Of(404, "run-unknown", "run_id", $"There is no run {runId}. GET /v1/runs lists the runs.");
}
