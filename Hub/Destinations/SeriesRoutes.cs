using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Paging;
using IntegrationHub.Hub.Security;
using IntegrationHub.Storage.Watch;

namespace IntegrationHub.Hub.Destinations;

/// <summary>How much was settled over time, over HTTP; what charts are drawn of.</summary>
internal static class SeriesRoutes
{
    private const int UsualHours = 24;
    private const int MostHours = 7 * 24;
    private const int PointsAboutAtMost = 144;

    public static void MapSeries(this IEndpointRouteBuilder routes) => routes.MapGet("/v1/series", async (string? destination, int? hours, OutboxTransaction transactions, TimeProvider time, CancellationToken cancellationToken) =>
    {
        var span = TimeSpan.FromHours(Math.Clamp(hours ?? UsualHours, 1, MostHours));
        var minutes = await transactions.ReadAsync(db => DeliveryMinutes.SeriesAsync(db, destination, time.GetUtcNow() - span, cancellationToken));
        return Results.Json(PageJson.Whole(SeriesJson.Of(minutes, TimeSpan.FromMinutes(Math.Ceiling(span.TotalMinutes / PointsAboutAtMost)))));
    }).WithName("listSeries").ProducesPage<SeriesJson>().Needs(Scope.RunsRead);
}
