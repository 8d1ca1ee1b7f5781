using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace IntegrationHub.Hub.Observability;

/// <summary>Liveness: the process answers. Readiness: broker and database answer too.</summary>
internal static class HealthEndpoints
{
    /// <summary>Tag of the checks that decide whether an instance is ready; the bus registers its own with it.</summary>
    public const string Ready = "ready";

    public static IServiceCollection AddHubHealth(this IServiceCollection services)
    {
        services.AddHealthChecks().AddCheck<DatabaseHealth>("database", tags: [Ready]);
        return services;
    }

    public static void MapHealth(this IEndpointRouteBuilder routes)
    {
        routes.MapHealthChecks("/healthz/live", new HealthCheckOptions { Predicate = _ => false, ResponseWriter = (http, _) => http.Response.WriteAsync("live", http.RequestAborted) });
        routes.MapHealthChecks("/healthz/ready", new HealthCheckOptions
        {
            Predicate = check => check.Tags.Contains(Ready),
            ResponseWriter = WriteAsync,
            ResultStatusCodes = { [HealthStatus.Degraded] = StatusCodes.Status503ServiceUnavailable },
        });
    }

    /// <summary>One line per check that is not well, by its name; causes stay in the log.</summary>
    private static Task WriteAsync(HttpContext http, HealthReport report) => http.Response.WriteAsync(
        report.Status == HealthStatus.Healthy
            ? "ready"
            : string.Join('\n', report.Entries.Where(entry => entry.Value.Status != HealthStatus.Healthy).Select(entry => $"{entry.Key} does not answer")),
        http.RequestAborted);
}
