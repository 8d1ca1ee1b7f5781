using System.Diagnostics;
using System.Diagnostics.Metrics;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Storage.Deliveries;
using Settlement = IntegrationHub.Storage.Deliveries.Settlement;

namespace IntegrationHub.Hub.Observability;

/// <summary>The hub's own metrics; names and counts only.</summary>
/// <param name="meters">Makes the meter; a host has its own, so that two in one process do not count together.</param>
internal sealed class HubTelemetry(IMeterFactory meters)
{
    /// <summary>Name of the meter.</summary>
    public const string Name = "IntegrationHub";

    private const int MaxLinks = 128;
    private static readonly ActivitySource _activities = new(Name);

    private readonly Counter<long> _deliveries = meters.Create(Name).CreateCounter<long>("hub_deliveries", "{record}", "Records settled by destination, lane and outcome");
    private readonly Histogram<double> _vendorLatency = meters.Create(Name).CreateHistogram<double>("hub_vendor_call_duration", "s", "Duration of a batch at the vendor");
    private readonly Histogram<int> _batchSize = meters.Create(Name).CreateHistogram<int>("hub_batch_size", "{record}", "Records per batch");
    private readonly Counter<long> _events = meters.Create(Name).CreateCounter<long>("hub_events", "{event}", "Facts by type and result");

    private readonly Counter<long> _webhooks = meters.Create(Name).CreateCounter<long>("hub_webhook_calls", "{call}", "Calls of webhooks by source and result");
    private readonly Counter<long> _withoutFact = meters.Create(Name).CreateCounter<long>("hub_webhook_without_fact", "{element}", "What webhooks brought and deliberately is no fact, by source and reason");

    /// <summary>A batch came back from the vendor.</summary>
    public void BatchSent(string destination, Operation operation, int records, TimeSpan duration)
    {
        var tags = new TagList { { "destination", destination }, { "operation", operation.ToString() } };
        _vendorLatency.Record(duration.TotalSeconds, tags);
        _batchSize.Record(records, tags);
    }

    /// <summary>A claim was settled.</summary>
    public void Settled(string destination, string lane, IReadOnlyList<Settlement> settlements)
    {
        foreach (var group in settlements.CountBy(settlement => settlement.Outcome ?? "retried"))
        {
            _deliveries.Add(group.Value, new TagList { { "destination", destination }, { "lane", lane }, { "outcome", group.Key } });
        }
    }

    /// <summary>Facts were taken in.</summary>
    public void FactsTakenIn(string eventType, string result, int count) =>
        _events.Add(count, new TagList { { "event_type", eventType }, { "result", result } });

    /// <summary>A webhook was called.</summary>
    public void WebhookCalled(string source, string result) => _webhooks.Add(1, new TagList { { "source", source }, { "result", result } });

    /// <summary>Elements of calls that deliberately are no facts.</summary>
    public void WithoutFact(string source, string reason, int count) => _withoutFact.Add(count, new TagList { { "source", source }, { "reason", reason } });

    /// <summary>Facts are being taken in: a part of the caller's trace over HTTP, else of none, since a batch serves many.</summary>
    public static Activity? TakingIn(int facts)
    {
        var activity = _activities.StartActivity("hub.facts.take_in", ActivityKind.Consumer);
        activity?.SetTag("messaging.batch.message_count", facts);
        return activity;
    }

    /// <summary>Says whose facts an activity takes in.</summary>
    public static void Link(Activity? activity, IEnumerable<ActivityContext> producers)
    {
        foreach (var producer in activity is null ? [] : producers.Distinct().Take(MaxLinks))
        {
            activity!.AddLink(new ActivityLink(producer));
        }
    }
}
