using System.Diagnostics;
using System.Diagnostics.Metrics;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Storage.Deliveries;

namespace IntegrationHub.Hub.Observability;

/// <summary>The hub's own traces and metrics; names and counts only.</summary>
internal static class HubTelemetry
{
    /// <summary>Name of the activity source and of the meter.</summary>
    public const string Name = "IntegrationHub";

    /// <summary>Spans of the hub.</summary>
    public static readonly ActivitySource Activities = new(Name);

    private static readonly Meter _meter = new(Name);
    private static readonly Counter<long> _deliveries = _meter.CreateCounter<long>("hub_deliveries", "{record}", "Records settled by destination, lane and outcome");
    private static readonly Histogram<double> _vendorLatency = _meter.CreateHistogram<double>("hub_vendor_call_duration", "s", "Duration of a batch at the vendor");
    private static readonly Histogram<int> _batchSize = _meter.CreateHistogram<int>("hub_batch_size", "{record}", "Records per batch");
    private static readonly Counter<long> _events = _meter.CreateCounter<long>("hub_events", "{event}", "Facts by type and result");

    /// <summary>A batch came back from the vendor.</summary>
    public static void BatchSent(string destination, Operation operation, int records, TimeSpan duration)
    {
        var tags = new TagList { { "destination", destination }, { "operation", operation.ToString() } };
        _vendorLatency.Record(duration.TotalSeconds, tags);
        _batchSize.Record(records, tags);
    }

    /// <summary>A claim was settled.</summary>
    public static void Settled(string destination, string lane, IReadOnlyList<Settlement> settlements)
    {
        foreach (var group in settlements.CountBy(settlement => settlement.Outcome ?? "retried"))
        {
            _deliveries.Add(group.Value, new TagList { { "destination", destination }, { "lane", lane }, { "outcome", group.Key } });
        }
    }

    /// <summary>Facts were taken in.</summary>
    public static void FactsTakenIn(string eventType, string result, int count) =>
        _events.Add(count, new TagList { { "event_type", eventType }, { "result", result } });
}
