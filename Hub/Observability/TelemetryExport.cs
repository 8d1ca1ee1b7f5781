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
    public static IServiceCollection AddHubTelemetry(this IServiceCollection services, IConfiguration configuration, HubInstance instance)
    {
        services.AddSingleton<HubTelemetry>();
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
            return services;
        }

        telemetry
            .WithMetrics(metrics => metrics.AddOtlpExporter())
            .WithTracing(traces => traces
                .AddSource(DiagnosticHeaders.DefaultListenerName, HubTelemetry.Name)
                .AddAspNetCoreInstrumentation()
                .AddHttpClientInstrumentation(http => http.EnrichWithHttpRequestMessage = (activity, request) => activity.SetTag("url.full", WithoutPeople(request.RequestUri)))
                .AddStorageInstrumentation()
                .AddOtlpExporter());
        return services;
    }

    /// <summary>Some vendors want an address in the path or the query, which must not reach a trace.</summary>
    internal static string? WithoutPeople(Uri? uri) => uri is null
        ? null
        : uri.GetLeftPart(UriPartial.Authority) + string.Concat(uri.Segments.Select(segment => Uri.UnescapeDataString(segment).Contains('@', StringComparison.Ordinal) ? segment.EndsWith('/') ? "{address}/" : "{address}" : segment));
}
