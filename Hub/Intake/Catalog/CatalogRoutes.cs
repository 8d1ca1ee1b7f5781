using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Intake.Catalog.Drift;
using IntegrationHub.Hub.Intake.Facts;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Paging;
using IntegrationHub.Hub.Security;
using IntegrationHub.Storage.Ledger;
using IntegrationHub.Storage.Paging;
using IntegrationHub.Storage.Retention;

namespace IntegrationHub.Hub.Intake.Catalog;

/// <summary>What can be stated, who states it and how it departs from the contracts, over HTTP.</summary>
internal static class CatalogRoutes
{
    private const int MostViolations = 1_000;

    public static void MapCatalog(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/catalog", ListAsync).WithName("listCatalog").ProducesPage<CatalogEntryJson>().Needs(Scope.RunsRead);
        routes.MapGet("/v1/catalog/{event_type}", ShowAsync).WithName("showCatalog").Produces<CatalogEntryJson>().ProducesProblem(404).Needs(Scope.RunsRead);
        routes.MapGet("/v1/catalog/{event_type}/contract.odcs.yaml", ShowContract).WithName("showContract").Produces(200, contentType: "application/yaml").ProducesProblem(404).Needs(Scope.RunsRead);
        routes.MapGet("/v1/violations", ListViolationsAsync).WithName("listViolations").ProducesPage<ViolationJson>().Needs(Scope.RunsRead);
    }

    private static async Task<IResult> ListAsync(OutboxTransaction transactions, HubConfiguration configuration, FactRetention retention, TimeProvider time, CancellationToken cancellationToken)
    {
        var volumes = await transactions.ReadAsync(db => FactBook.VolumesAsync(db, time.GetUtcNow(), cancellationToken));
        return Results.Json(PageJson.Whole(PayloadReading.Types.Select(type => CatalogEntryJson.From(type, configuration, retention, volumes, null))));
    }

    private static async Task<IResult> ShowAsync(
        string event_type, OutboxTransaction transactions, HubConfiguration configuration, FactRetention retention, TimeProvider time, CancellationToken cancellationToken)
    {
        if (!PayloadReading.IsKnown(event_type))
        {
            return UnknownType();
        }

        var now = time.GetUtcNow();
        return Results.Json(await transactions.ReadAsync(async db =>
        {
            var volumes = await FactBook.VolumesAsync(db, now, cancellationToken);
            var violations = (await FactBook.ViolationsAsync(db, event_type, null, new PageAsk(null, MostViolations), cancellationToken)).Items;
            var findings = await FactBaselines.FindAsync(db, event_type, now, cancellationToken);
            return CatalogEntryJson.From(event_type, configuration, retention, volumes, violations) with { Findings = [.. findings.Select(FindingJson.From)] };
        }));
    }

    private static IResult ShowContract(string event_type, HubConfiguration configuration, FactRetention retention) => PayloadReading.IsKnown(event_type)
        ? Results.Text(DataContract.Of(event_type, configuration, retention), "application/yaml", System.Text.Encoding.UTF8)
        : UnknownType();

    private static IResult UnknownType() => Problems.Of(404, "event-type-unknown", "event_type", $"There is no such event type. Event types are: {string.Join(", ", PayloadReading.Types)}.");

    private static async Task<IResult> ListViolationsAsync(
        string? event_type, string? producer, string? after, int? limit, OutboxTransaction transactions, HubConfiguration configuration, CancellationToken cancellationToken)
    {
        var ask = ListRoutes.Ask(after, limit, MostViolations, MostViolations);
        return Results.Json(PageJson.Of(await transactions.ReadAsync(db => FactBook.ViolationsAsync(db, event_type, producer is null ? null : configuration.FormerNames.OfSource(producer), ask, cancellationToken)), tally => ViolationJson.From(tally, configuration)));
    }
}
