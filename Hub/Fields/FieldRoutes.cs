using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Paging;
using IntegrationHub.Hub.Security;
using IntegrationHub.Storage.Fields;

namespace IntegrationHub.Hub.Fields;

/// <summary>Vendors' fields over HTTP.</summary>
internal static class FieldRoutes
{
    public static void MapFields(this IEndpointRouteBuilder routes) => routes.MapGet(
        "/v1/destinations/{destination}/fields",
        async (string destination, bool? all, bool? history, DestinationDirectory destinations, OutboxTransaction transactions, CancellationToken cancellationToken) =>
        {
            if (destinations.Find(destination) is not { } found)
            {
                return Problems.Of(404, "destination-unknown", "destination", $"There is no destination {destination}. GET /v1/destinations lists them.");
            }

            var mapped = found.MappedFields.Select(field => FieldAddress.Of(field.To).Field).ToHashSet(StringComparer.Ordinal);
            var versions = await transactions.ReadAsync(db => FieldVersions.ListAsync(db, found.Name, history == true, cancellationToken));
            return Results.Json(PageJson.Whole(versions.Where(version => all == true || mapped.Contains(version.Name)).Select(version => FieldJson.From(version, mapped))));
        }).WithName("listFields").ProducesPage<FieldJson>().ProducesProblem(404).Needs(Scope.RunsRead);
}
