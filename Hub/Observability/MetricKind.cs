namespace IntegrationHub.Hub.Observability;

/// <summary>What a metric does over time.</summary>
internal enum MetricKind
{
    /// <summary>Goes up while the process lives; each hub counts its own.</summary>
    Counter,

    /// <summary>Counts in buckets; each hub its own.</summary>
    Histogram,

    /// <summary>Goes up and down; of what all hubs share each of them tells the same.</summary>
    Gauge,
}
