using IntegrationHub.Hub.Delivery;

namespace IntegrationHub.Hub.Destinations;

/// <summary>Destinations over HTTP.</summary>
internal static class DestinationEndpoints
{
    public static void MapDestinations(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/destinations", async (DestinationOverview overview, CancellationToken cancellationToken) =>
            Results.Json(await overview.ListAsync(cancellationToken))).WithName("listDestinations").Produces<IReadOnlyList<DestinationJson>>();

        routes.MapGet("/v1/destinations/{destination}", async (string destination, DestinationOverview overview, CancellationToken cancellationToken) =>
            (await overview.ListAsync(cancellationToken)).FirstOrDefault(known => known.Destination == destination) is { } found
                ? Results.Json(found)
                : Unknown(destination)).WithName("showDestination").Produces<DestinationJson>().ProducesProblem(404);

        routes.MapPost("/v1/destinations/{destination}/check", async (string destination, DestinationDirectory destinations, CancellationToken cancellationToken) =>
            destinations.Find(destination) is { } found
                ? Results.Json(await DestinationCheck.RunAsync(found, cancellationToken))
                : Unknown(destination)).WithName("checkDestination").Produces<CheckJson>().ProducesProblem(404);
    }

    private static IResult Unknown(string destination) =>
        Problems.Of(404, "destination-unknown", "destination", $"There is no destination {destination}. GET /v1/destinations lists them.");
}
