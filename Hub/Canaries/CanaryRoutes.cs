using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Paging;
using IntegrationHub.Hub.Security;
using IntegrationHub.Storage.Audit;
using IntegrationHub.Storage.Canaries;

namespace IntegrationHub.Hub.Canaries;

/// <summary>Canaries over HTTP.</summary>
internal static class CanaryRoutes
{
    private const int MostTrips = 100;

    public static void MapCanaries(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/canaries", async (HubConfiguration configuration, OutboxTransaction transactions, CancellationToken cancellationToken) =>
        {
            var latest = (await transactions.ReadAsync(db => CanaryTrips.LatestAsync(db, cancellationToken))).ToLookup(trip => trip.Canary, StringComparer.Ordinal);
            return Results.Json(PageJson.Whole(configuration.Canaries.Values.OrderBy(canary => canary.Name, StringComparer.Ordinal)
                .Select(canary => CanaryJson.From(canary, latest[canary.Name].Where(trip => canary.Destinations.Contains(trip.Destination)), []))));
        }).WithName("listCanaries").ProducesPage<CanaryJson>().Needs(Scope.RunsRead);
        routes.MapGet("/v1/canaries/{canary}", async (string canary, HubConfiguration configuration, DestinationDirectory destinations, OutboxTransaction transactions, CancellationToken cancellationToken) =>
            configuration.Canaries.TryGetValue(canary, out var known)
                ? Results.Json(CanaryJson.From(known, await transactions.ReadAsync(db => CanaryTrips.ListAsync(db, canary, MostTrips, cancellationToken)), known.Destinations.Select(destinations.Find).OfType<Destination>()))
                : Unknown(configuration))
            .WithName("showCanary").Produces<CanaryJson>().ProducesProblem(404).Needs(Scope.RunsRead);
        routes.MapPost("/v1/canaries/{canary}/run", RunAsync).WithName("runCanary").Produces<CanaryJson>(202).ProducesProblem(400).ProducesProblem(404).Needs(Scope.RunsWrite).Takes(CommandTerms.Blind("canaries are nobody"));
    }

    private static async Task<IResult> RunAsync(string canary, WhyJson? said, HttpContext http, HubConfiguration configuration, CanaryDeparture departure, CancellationToken cancellationToken)
    {
        if (said?.Refuse() is { } refusal)
        {
            return refusal;
        }

        if (!configuration.Canaries.TryGetValue(canary, out var known))
        {
            return Unknown(configuration);
        }

        var trips = await departure.SetOffAsync(known, db => AuditLog.AppendAsync(db, http.Entry("canary.run", $"canary:{canary}", said?.Reason), cancellationToken), cancellationToken);
        return Results.Json(CanaryJson.From(known, trips, []), statusCode: 202);
    }

    private static IResult Unknown(HubConfiguration configuration) => Problems.Of(
        404, "canary-unknown", "canary",
        configuration.Canaries.Count == 0 ? "There are no canaries. Write them into canaries.yaml." : $"There is no such canary. Known: {string.Join(", ", configuration.Canaries.Keys.Order(StringComparer.Ordinal))}.");
}
