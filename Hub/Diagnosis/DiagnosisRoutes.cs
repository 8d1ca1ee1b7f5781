using IntegrationHub.Hub.Alerts;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Paging;
using IntegrationHub.Hub.Schedules;
using IntegrationHub.Hub.Security;
using IntegrationHub.Storage.Watch;

namespace IntegrationHub.Hub.Diagnosis;

/// <summary>What stands still and why, and which hubs are there, over HTTP.</summary>
internal static class DiagnosisRoutes
{
    public static void MapDiagnosis(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/diagnoses", async (BellTower tower, HubConfiguration configuration, DestinationDirectory destinations, HubInstance instance, OpenSituation opened, TimeProvider time, CancellationToken cancellationToken) =>
            Results.Json(PageJson.Whole((await ExplainAsync(tower, configuration, destinations, instance, opened, cancellationToken)).Select(verdict => DiagnosisJson.From(verdict, time.GetUtcNow())))))
            .WithName("listDiagnoses").ProducesPage<DiagnosisJson>().Needs(Scope.RunsRead);
        routes.MapGet("/v1/instances", async (OutboxTransaction transactions, CancellationToken cancellationToken) =>
            Results.Json(PageJson.Whole((await transactions.ReadAsync(db => Heartbeats.ListAsync(db, cancellationToken))).Select(HubJson.From))))
            .WithName("listInstances").ProducesPage<HubJson>().Needs(Scope.RunsRead);
    }

    /// <summary>Without the database nothing is known but that.</summary>
    private static async Task<IReadOnlyList<Verdict>> ExplainAsync(BellTower tower, HubConfiguration configuration, DestinationDirectory destinations, HubInstance instance, OpenSituation opened, CancellationToken cancellationToken)
    {
        try
        {
            var situation = await opened.LookAsync(cancellationToken);
            return [.. Diagnoser.Explain(situation), .. OverdueBells.Explain(situation, tower.Plans), .. CanaryDiagnoser.Explain(situation, configuration.Canaries), .. EndingDiagnoser.Explain(situation, destinations.Retirements), .. FieldDiagnoser.Explain(situation, destinations.WrittenFields)];
        }
        catch (Exception failure) when (DatabaseWatch.IsOutage(failure))
        {
            return [HubDiagnoser.Database(instance.Name) with { Evidence = [failure.GetType().Name] }];
        }
    }
}
