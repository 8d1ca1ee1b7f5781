using IntegrationHub.Hub.Diagnosis;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Paging;
using IntegrationHub.Hub.Security;
using IntegrationHub.Storage.Watch;

namespace IntegrationHub.Hub.Destinations;

/// <summary>Of what the sums are made that are told of a destination: what was tried minute by minute, and what waits run by run. The parts add up to the sums of <c>GET /v1/destinations</c>.</summary>
internal static class FlowRoutes
{
    private const int UsualMinutes = 60;
    private const int MostMinutes = 24 * 60;

    public static void MapFlow(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/destinations/{destination}/minutes", MinutesAsync).WithName("listMinutes").ProducesPage<MinuteJson>().ProducesProblem(400).ProducesProblem(404).Needs(Scope.RunsRead);
        routes.MapGet("/v1/destinations/{destination}/backlog", BacklogAsync).WithName("listBacklog").ProducesPage<BacklogPartJson>().ProducesProblem(400).ProducesProblem(404).Needs(Scope.RunsRead);
    }

    private static async Task<IResult> MinutesAsync(string destination, string? lane, int? minutes, DestinationDirectory destinations, OutboxTransaction transactions, TimeProvider time, CancellationToken cancellationToken)
    {
        if (Refuse(destination, lane, destinations) is { } refusal)
        {
            return refusal;
        }

        if (minutes is < 1 or > MostMinutes)
        {
            return Problems.Of(400, "query-invalid", "minutes", $"minutes is not a number from 1 to {MostMinutes}.");
        }

        var settled = await transactions.ReadAsync(db => DeliveryMinutes.ListAsync(db, destination, time.GetUtcNow().AddMinutes(-(minutes ?? UsualMinutes)), cancellationToken));
        return Results.Json(PageJson.Whole(settled.Where(minute => lane is null || minute.Lane == lane).Select(MinuteJson.From)));
    }

    private static async Task<IResult> BacklogAsync(string destination, string? lane, DestinationDirectory destinations, OpenSituation opened, CancellationToken cancellationToken)
    {
        if (Refuse(destination, lane, destinations) is { } refusal)
        {
            return refusal;
        }

        var situation = await opened.LookAsync(cancellationToken);
        return Results.Json(PageJson.Whole(situation.Pending.Where(work => work.Destination == destination && (lane is null || work.Lane == lane)).OrderByDescending(work => work.Records).Select(BacklogPartJson.From)));
    }

    private static IResult? Refuse(string destination, string? lane, DestinationDirectory destinations) =>
        destinations.Find(destination) is null ? Problems.Of(404, "destination-unknown", "destination", $"There is no destination {destination}. GET /v1/destinations lists them.")
        : lane is not null && !Storage.Deliveries.Lane.InOrder.Contains(lane) ? Problems.Of(400, "lane-unknown", "lane", $"'{lane}' is no lane. Use one of: {string.Join(", ", Storage.Deliveries.Lane.InOrder)}.")
        : null;
}
