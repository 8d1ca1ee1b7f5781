using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Identities;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Paging;
using IntegrationHub.Hub.Reads;
using IntegrationHub.Hub.Runs;
using IntegrationHub.Hub.Security;
using IntegrationHub.Storage.Audit;
using IntegrationHub.Storage.Destinations;
using IntegrationHub.Storage.Reconciliations;
using IntegrationHub.Storage.Runs;

namespace IntegrationHub.Hub.Reconciliation;

/// <summary>Reconciliations over HTTP.</summary>
internal static class ReconciliationRoutes
{
    private const int MostShown = 500;
    private const int MostFindings = 1_000;
    private const int MostMarks = 12;

    public static void MapReconciliations(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/v1/reconciliations", StartAsync).WithName("startReconciliation").Produces<StartedReconciliationsJson>(202).ProducesProblem(400).ProducesProblem(404).ProducesProblem(409).Needs(Scope.RunsWrite)
            .Takes(CommandTerms.Blind("it begins with a comparison of its own", "when `heal` is `all`"));
        routes.MapGet("/v1/reconciliations", ListAsync).WithName("listReconciliations").ProducesPage<ReconciliationJson>().Needs(Scope.RunsRead);
        routes.MapGet("/v1/reconciliations/plan", async (string? audience, string? destination, ReconciliationPlanner planner, CancellationToken cancellationToken) =>
        {
            var (plan, refusal) = await planner.PlanAsync(audience, destination, cancellationToken);
            return refusal is null ? Results.Json(plan) : Problems.Of(refusal.Status, refusal.Type, refusal.Field, refusal.Detail);
        })
            .WithName("planReconciliation").Produces<ReconciliationPlanJson>().WithMetadata(new TakesItsTime()).ProducesProblem(404).Needs(Scope.RunsRead);
        routes.MapGet("/v1/reconciliations/{runId:guid}", ShowAsync).WithName("showReconciliation").Produces<ReconciliationJson>().ProducesProblem(404).Needs(Scope.RunsRead);
        routes.MapGet("/v1/reconciliations/{runId:guid}/findings", FindingsAsync).WithName("listReconciliationFindings").ProducesPage<DriftFindingJson>().ProducesProblem(404).Needs(Scope.RunsRead);
    }

    private static async Task<IResult> StartAsync(
        StartReconciliationBody body, HttpContext http, DestinationDirectory destinations, RunStarter starter, RunWaiting waiting, OutboxTransaction transactions, IRunStore runs, CancellationToken cancellationToken)
    {
        if (string.IsNullOrWhiteSpace(body.Audience))
        {
            return Problems.Of(400, "field-missing", "audience", "The field 'audience' is missing. Name the audience to compare.");
        }

        if (body.Heal is not null && Healings.Of(body.Heal) is null)
        {
            return Problems.Of(400, "heal-unknown", "heal", $"'{body.Heal}' is no healing. Use {HealingWord.Report}, {HealingWord.Missing} or {HealingWord.All}, or leave it out.");
        }

        if (body.Refuse() is { } malformed)
        {
            return malformed;
        }

        if (body is { Heal: HealingWord.All, IsSilent: true })
        {
            return CommandRouting.WhyMissing(body.Audience, "people are removed at the vendor");
        }

        var (started, refusal) = await starter.StartAsync(
            new RunRequest(body.Audience, body.Destinations ?? [], SyncMode.Reconcile, null, http.Caller().Id) { Heal = body.Heal is null ? null : Healings.Of(body.Heal) },
            cancellationToken,
            async (db, runs) =>
            {
                foreach (var (runId, _) in runs)
                {
                    await AuditLog.AppendAsync(db, http.Entry("reconcile.start", $"run:{runId}", body.Reason), cancellationToken);
                }

                return true;
            });
        if (refusal is not null)
        {
            return Problems.Of(refusal.Status, refusal.Type, refusal.Field, refusal.Detail);
        }

        var shown = new List<ReconciliationJson>(started.Count);
        foreach (var (runId, _) in started)
        {
            shown.Add((await FindAsync(runId, destinations, waiting, transactions, runs, cancellationToken))!);
        }

        return Results.Json(new StartedReconciliationsJson(shown), statusCode: 202);
    }

    private static async Task<IResult> ListAsync(
        string? audience, string? destination, string? after, int? limit, HubConfiguration configuration, RunWaiting waiting, OutboxTransaction transactions, IRunStore runs, CancellationToken cancellationToken)
    {
        var found = await transactions.ReadAsync(db => ReconciliationBook.ListAsync(db, audience is null ? null : configuration.AudienceKeyOf(audience), destination, ListRoutes.Ask(after, limit, 50, MostShown), cancellationToken));
        var views = await transactions.ReadAsync(db => runs.ListAsync(db, [.. found.Items.Select(compared => compared.RunId)], cancellationToken));
        var shown = (await waiting.ShowAsync(views, cancellationToken)).ToDictionary(run => run.RunId);
        return Results.Json(PageJson.Of(found, compared => ReconciliationJson.From(compared, shown.GetValueOrDefault(compared.RunId), [])));
    }

    private static async Task<IResult> ShowAsync(Guid runId, DestinationDirectory destinations, RunWaiting waiting, OutboxTransaction transactions, IRunStore runs, CancellationToken cancellationToken) =>
        await FindAsync(runId, destinations, waiting, transactions, runs, cancellationToken) is { } shown ? Results.Json(shown) : Unknown(runId);

    private static async Task<IResult> FindingsAsync(Guid runId, string? kind, string? after, int? limit, OutboxTransaction transactions, CancellationToken cancellationToken)
    {
        if (kind is not null && !FindingKind.All.Contains(kind))
        {
            return Problems.Of(400, "kind-unknown", "kind", $"'{kind}' is no kind of finding. Use {string.Join(", ", FindingKind.All)}, or leave it out.");
        }

        if (await transactions.ReadAsync(db => ReconciliationBook.FindAsync(db, runId, cancellationToken)) is null)
        {
            return Unknown(runId);
        }

        return Results.Json(PageJson.Of(
            await transactions.ReadAsync(db => ReconciliationFindings.ListAsync(db, runId, kind, ListRoutes.Ask(after, limit, 100, MostFindings), cancellationToken)), DriftFindingJson.From));
    }

    private static async Task<ReconciliationJson?> FindAsync(Guid runId, DestinationDirectory destinations, RunWaiting waiting, OutboxTransaction transactions, IRunStore runs, CancellationToken cancellationToken)
    {
        if (await transactions.ReadAsync(db => ReconciliationBook.FindAsync(db, runId, cancellationToken)) is not { } compared)
        {
            return null;
        }

        var run = await RunOfAsync(runId, waiting, transactions, runs, cancellationToken);
        return await transactions.ReadAsync(async db => ReconciliationJson.From(compared, run, await ReconciliationFindings.CausesAsync(db, runId, cancellationToken)) with
        {
            Matching = await MatchRates.FindAsync(db, runId, cancellationToken) is { } rate ? MatchRateJson.From(rate, destinations.Find(compared.Destination)?.IdentityKeyKind ?? "") : null,
            Volumes = [.. (await EventVolumes.ListAsync(db, runId, cancellationToken)).Select(EventVolumeJson.From)],
            Trend = [.. (await ReconciliationBook.ListMarksAsync(db, compared.Audience, compared.Destination, MostMarks, cancellationToken)).Select(ComparisonMarkJson.From)],
        });
    }

    private static async Task<RunJson?> RunOfAsync(Guid runId, RunWaiting waiting, OutboxTransaction transactions, IRunStore runs, CancellationToken cancellationToken) =>
        await transactions.ReadAsync(db => runs.FindAsync(db, runId, cancellationToken)) is { } run ? await waiting.ShowAsync(run, cancellationToken) : null;

    private static IResult Unknown(Guid runId) => Problems.Of(404, "reconciliation-unknown", "run_id", $"There is no reconciliation {runId}. 'reconcile list' lists them.");
}
