using System.Diagnostics;
using IntegrationHub.Storage;
using MassTransit.Logging;
using MassTransit.Monitoring;
using OpenTelemetry;
using OpenTelemetry.Context.Propagation;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace IntegrationHub.Hub.Observability;

/// <summary>
/// Hands traces and metrics to OpenTelemetry: metrics at <c>/metrics</c> in Prometheus' text format, both by OTLP to where the standard
/// variable <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> leads, when it is set.
/// </summary>
internal static class TelemetryExport
{
    private const string PathTag = "url.path";
    private const string QueryTag = "url.query";
    private const string FullTag = "url.full";

    public static IServiceCollection AddHubTelemetry(this IServiceCollection services, IConfiguration configuration, HubInstance instance)
    {
        services.AddSingleton<HubTelemetry>().AddSingleton<GaugeBoard>().AddSingleton<MetricWatch>().AddHostedService(provider => provider.GetRequiredService<MetricWatch>());
        services.AddSingleton<DistributedContextPropagator, TraceContextOnly>(); // of calls that come in
        DistributedContextPropagator.Current = new TraceContextOnly(); // of calls that go out
        Sdk.SetDefaultTextMapPropagator(new TraceContextPropagator());
        var telemetry = services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService("integration-hub", serviceInstanceId: instance.Name))
            .WithMetrics(metrics => metrics
                .AddMeter(HubTelemetry.Name, InstrumentationOptions.MeterName)
                .AddStorageInstrumentation()
                .AddAspNetCoreInstrumentation()
                .AddHttpClientInstrumentation()
                .AddRuntimeInstrumentation()
                .AddPrometheusExporter());
        if (configuration["OTEL_EXPORTER_OTLP_ENDPOINT"] is not { Length: > 0 })
        {
            services.AddHostedService<TraceIds>();
            return services;
        }

        telemetry
            .WithMetrics(metrics => metrics.AddOtlpExporter())
            .WithTracing(traces => traces
                .AddSource(DiagnosticHeaders.DefaultListenerName, HubTelemetry.Name)
                .AddAspNetCoreInstrumentation(calls => calls.EnrichWithHttpResponse = (activity, response) => NameRoute(activity, response.HttpContext))
                .AddHttpClientInstrumentation(http => http.EnrichWithHttpRequestMessage = (activity, request) => activity.SetTag(FullTag, WithoutPeople(request.RequestUri)))
                .AddStorageInstrumentation()
                .AddOtlpExporter());
        return services;
    }

    /// <summary>Some vendors want an address or a number in the path or the query, which must not reach a trace.</summary>
    internal static string? WithoutPeople(Uri? uri) => uri is null
        ? null
        : uri.GetLeftPart(UriPartial.Authority) + string.Concat(uri.Segments.Select(segment => IsAddress(Uri.UnescapeDataString(segment)) ? segment.EndsWith('/') ? "{address}/" : "{address}" : segment));

    private static bool IsAddress(string segment) => segment.Contains('@', StringComparison.Ordinal) || segment is ['+', >= '0' and <= '9', ..];

    /// <summary>What callers write into a path or a query may name a person: the route says what was called.</summary>
    private static void NameRoute(Activity activity, HttpContext http) =>
        activity.SetTag(PathTag, (http.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText ?? "{unknown}").SetTag(QueryTag, null);
}
