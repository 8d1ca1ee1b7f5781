using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Runs;
using IntegrationHub.Hub.Security;
using IntegrationHub.Storage.Audit;
using IntegrationHub.Storage.Reconciliations;
using IntegrationHub.Storage.Runs;

namespace IntegrationHub.Hub.Reconciliation;

/// <summary>Reconciliations over HTTP.</summary>
internal static class ReconciliationRoutes
{
    private const int MostShown = 500;
    private const int MostFindings = 1_000;

    public static void MapReconciliations(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/v1/reconciliations", StartAsync).WithName("startReconciliation").Produces<IReadOnlyList<ReconciliationJson>>(202).ProducesProblem(400).ProducesProblem(404).ProducesProblem(409).Needs(Scope.RunsWrite);
        routes.MapGet("/v1/reconciliations", ListAsync).WithName("listReconciliations").Produces<IReadOnlyList<ReconciliationJson>>().Needs(Scope.RunsRead);
        routes.MapGet("/v1/reconciliations/{runId:guid}", ShowAsync).WithName("showReconciliation").Produces<ReconciliationJson>().ProducesProblem(404).Needs(Scope.RunsRead);
        routes.MapGet("/v1/reconciliations/{runId:guid}/findings", FindingsAsync).WithName("listReconciliationFindings").Produces<DriftFindingsJson>().ProducesProblem(400).ProducesProblem(404).Needs(Scope.RunsRead);
    }

    private static async Task<IResult> StartAsync(
        StartReconciliationBody body, HttpContext http, RunStarter starter, RunWaiting waiting, OutboxTransaction transactions, IRunStore runs, CancellationToken cancellationToken)
    {
        if (string.IsNullOrWhiteSpace(body.Audience))
        {
            return Problems.Of(400, "field-missing", "audience", "The field 'audience' is missing. Name the audience to compare.");
        }

        if (body.Heal is not null && Healings.Of(body.Heal) is null)
        {
            return Problems.Of(400, "heal-unknown", "heal", $"'{body.Heal}' is no healing. Use {HealingWord.Report}, {HealingWord.Missing} or {HealingWord.All}, or leave it out.");
        }

        var (started, refusal) = await starter.StartAsync(
            new RunRequest(body.Audience, body.Destinations ?? [], SyncMode.Reconcile, null, http.Caller().Id) { Heal = body.Heal is null ? null : Healings.Of(body.Heal) },
            cancellationToken,
            async (db, runs) =>
            {
                foreach (var (runId, _) in runs)
                {
                    await AuditLog.AppendAsync(db, http.Entry("reconcile.start", $"run:{runId}"), cancellationToken);
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
            shown.Add((await FindAsync(runId, waiting, transactions, runs, cancellationToken))!);
        }

        return Results.Json(shown, statusCode: 202);
    }

    private static async Task<IResult> ListAsync(string? audience, string? destination, int? limit, RunWaiting waiting, OutboxTransaction transactions, IRunStore runs, CancellationToken cancellationToken)
    {
        var found = await transactions.ReadAsync(db => ReconciliationBook.ListAsync(db, audience, destination, Math.Clamp(limit ?? 50, 1, MostShown), cancellationToken));
        var shown = new List<ReconciliationJson>(found.Count);
        foreach (var compared in found)
        {
            shown.Add(ReconciliationJson.From(compared, await RunOfAsync(compared.RunId, waiting, transactions, runs, cancellationToken), []));
        }

        return Results.Json(shown);
    }

    private static async Task<IResult> ShowAsync(Guid runId, RunWaiting waiting, OutboxTransaction transactions, IRunStore runs, CancellationToken cancellationToken) =>
        await FindAsync(runId, waiting, transactions, runs, cancellationToken) is { } shown ? Results.Json(shown) : Unknown(runId);

    private static async Task<IResult> FindingsAsync(Guid runId, string? kind, long? after, int? limit, OutboxTransaction transactions, CancellationToken cancellationToken)
    {
        if (kind is not null && !FindingKind.All.Contains(kind))
        {
            return Problems.Of(400, "kind-unknown", "kind", $"'{kind}' is no kind of finding. Use {string.Join(", ", FindingKind.All)}, or leave it out.");
        }

        if (await transactions.ReadAsync(db => ReconciliationBook.FindAsync(db, runId, cancellationToken)) is null)
        {
            return Unknown(runId);
        }

        var most = Math.Clamp(limit ?? 100, 1, MostFindings);
        var page = await transactions.ReadAsync(db => ReconciliationFindings.ListAsync(db, runId, kind, after ?? 0, most, cancellationToken));
        return Results.Json(new DriftFindingsJson([.. page.Select(DriftFindingJson.From)], page.Count < most ? null : page[^1].FindingId));
    }

    private static async Task<ReconciliationJson?> FindAsync(Guid runId, RunWaiting waiting, OutboxTransaction transactions, IRunStore runs, CancellationToken cancellationToken)
    {
        if (await transactions.ReadAsync(db => ReconciliationBook.FindAsync(db, runId, cancellationToken)) is not { } compared)
        {
            return null;
        }

        var causes = await transactions.ReadAsync(db => ReconciliationFindings.CausesAsync(db, runId, cancellationToken));
        return ReconciliationJson.From(compared, await RunOfAsync(runId, waiting, transactions, runs, cancellationToken), causes);
    }

    private static async Task<RunJson?> RunOfAsync(Guid runId, RunWaiting waiting, OutboxTransaction transactions, IRunStore runs, CancellationToken cancellationToken) =>
        await transactions.ReadAsync(db => runs.FindAsync(db, runId, cancellationToken)) is { } run ? await waiting.ShowAsync(run, cancellationToken) : null;

    private static IResult Unknown(Guid runId) => Problems.Of(404, "reconciliation-unknown", "run_id", $"There is no reconciliation {runId}. 'reconcile list' lists them.");
}
