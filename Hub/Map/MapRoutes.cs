using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Security;

namespace IntegrationHub.Hub.Map;

/// <summary>The map over HTTP.</summary>
internal static class MapRoutes
{
    public static void MapMap(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/v1/map", (HubConfiguration configuration, IEnumerable<IConnectorFactory> connectors) => Results.Json(IntegrationMap.Of(configuration, connectors)))
            .WithName("showMap").WithSummary("What goes from where to where, how often, by which way and who answers for it, as this hub is configured.").Produces<MapJson>().Needs(Scope.RunsRead);
}
