using System.Data.Common;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Security;
using IntegrationHub.Storage.Watch;

namespace IntegrationHub.Hub.Diagnosis;

/// <summary>What stands still and why, and which hubs are there, over HTTP.</summary>
internal static class DiagnosisRoutes
{
    public static void MapDiagnosis(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/diagnoses", async (HubConfiguration configuration, OutboxTransaction transactions, TimeProvider time, CancellationToken cancellationToken) =>
            Results.Json((await ExplainAsync(configuration, transactions, time, cancellationToken)).Select(DiagnosisJson.From)))
            .WithName("listDiagnoses").Produces<IReadOnlyList<DiagnosisJson>>().Needs(Scope.RunsRead);
        routes.MapGet("/v1/instances", async (OutboxTransaction transactions, CancellationToken cancellationToken) =>
            Results.Json((await transactions.ReadAsync(db => Heartbeats.ListAsync(db, cancellationToken))).Select(HubJson.From)))
            .WithName("listInstances").Produces<IReadOnlyList<HubJson>>().Needs(Scope.RunsRead);
    }

    /// <summary>Without the database nothing is known but that.</summary>
    private static async Task<IReadOnlyList<Verdict>> ExplainAsync(HubConfiguration configuration, OutboxTransaction transactions, TimeProvider time, CancellationToken cancellationToken)
    {
        try
        {
            var situation = await transactions.ReadAsync(db => Situations.ReadAsync(db, time.GetUtcNow(), cancellationToken));
            return [.. Diagnoser.Explain(situation), .. OverdueBells.Explain(situation, configuration.Schedules.Values)];
        }
        catch (Exception failure) when (failure is DbException or InvalidOperationException { InnerException: DbException } or TimeoutException)
        {
            return
            [
                new Verdict(DiagnosisCode.DatabaseUnreachable, "This hub does not reach its database; nothing is lost, and it goes on by itself when it answers. Look at PostgreSQL, at Hub:ConnectionString and the network between.")
                { Kind = "hub", Subject = "database", Evidence = [failure.GetType().Name] },
            ];
        }
    }
}
