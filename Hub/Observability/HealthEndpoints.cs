using IntegrationHub.Storage;
using MassTransit;

namespace IntegrationHub.Hub.Observability;

/// <summary>Liveness: the process answers. Readiness: broker and database answer too.</summary>
internal static class HealthEndpoints
{
    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/healthz/live", () => Results.Text("live")).ExcludeFromDescription();
        routes.MapGet("/healthz/ready", async (IBusControl bus, IServiceScopeFactory scopes, CancellationToken cancellationToken) =>
        {
            if (bus.CheckHealth().Status != BusHealthStatus.Healthy)
            {
                return Results.Text("the bus is not connected", statusCode: 503);
            }

            await using var scope = scopes.CreateAsyncScope();
            return await CanConnectAsync(scope.ServiceProvider.GetRequiredService<HubDbContext>(), cancellationToken)
                ? Results.Text("ready")
                : Results.Text("the database does not answer", statusCode: 503);
        }).ExcludeFromDescription();
    }

    private static async Task<bool> CanConnectAsync(HubDbContext db, CancellationToken cancellationToken) => await db.Database.CanConnectAsync(cancellationToken);
}
