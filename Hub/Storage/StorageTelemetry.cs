using Npgsql;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace IntegrationHub.Storage;

/// <summary>What the database client tells of itself.</summary>
public static class StorageTelemetry
{
    /// <summary>Spans of statements on PostgreSQL: texts without values.</summary>
    public static TracerProviderBuilder AddStorageInstrumentation(this TracerProviderBuilder traces) => traces.AddNpgsql();

    /// <summary>Metrics of connections and statements on PostgreSQL.</summary>
    public static MeterProviderBuilder AddStorageInstrumentation(this MeterProviderBuilder metrics)
    {
        ArgumentNullException.ThrowIfNull(metrics);
        return metrics.AddMeter("Npgsql");
    }
}
