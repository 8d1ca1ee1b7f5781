using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Diagnosis;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Paging;
using IntegrationHub.Hub.Security;
using IntegrationHub.Storage.Watch;

namespace IntegrationHub.Hub.Alerts;

/// <summary>How destinations stand against what is promised, over HTTP.</summary>
internal static class GoalRoutes
{
    private const int UsualMinutes = 10;
    private const int MostMinutes = 7 * 24 * 60;

    public static void MapGoals(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/v1/destinations/{destination}/goals", ShowAsync).WithName("showGoals").ProducesPage<GoalJson>().ProducesProblem(404).Needs(Scope.RunsRead);

    private static async Task<IResult> ShowAsync(string destination, int? minutes, HubConfiguration configuration, OpenSituation opened, OutboxTransaction transactions, TimeProvider time, CancellationToken cancellationToken)
    {
        if (!configuration.Destinations.ContainsKey(destination))
        {
            return Problems.Of(404, "destination-unknown", "destination", $"There is no destination {destination}. Known: {string.Join(", ", configuration.Destinations.Keys.Order(StringComparer.Ordinal))}.");
        }

        if (minutes is < 1 or > MostMinutes)
        {
            return Problems.Of(400, "field-invalid", "minutes", $"Give a number of minutes from 1 to {MostMinutes}.");
        }

        var now = time.GetUtcNow();
        var situation = await opened.LookAsync(cancellationToken);
        var window = await transactions.ReadAsync(db => DeliveryMinutes.SumAsync(db, now.AddMinutes(-(minutes ?? UsualMinutes)), cancellationToken));
        return Results.Json(PageJson.Whole(GoalJson.Of(configuration.Slo, destination, situation, window)));
    }
}
