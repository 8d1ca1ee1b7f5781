using System.Diagnostics.Metrics;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Consent;
using IntegrationHub.Hub.Delivery;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Ledger;
using IntegrationHub.Storage.Plans;
using Settlement = IntegrationHub.Storage.Deliveries.Settlement;

namespace IntegrationHub.Hub.Observability;

/// <summary>What a hub counts of its own doing; names and counts only. What hubs share is on the <see cref="GaugeBoard"/>.</summary>
internal sealed class HubTelemetry
{
    /// <summary>Name of the meter, and of the source of activities.</summary>
    public const string Name = "IntegrationHub";

    private readonly Counter<long> _events;
    private readonly Counter<long> _webhooks;
    private readonly Counter<long> _withoutFact;
    private readonly Counter<long> _deliveries;
    private readonly Counter<long> _denials;
    private readonly Counter<long> _withheld;
    private readonly Counter<long> _held;
    private readonly Counter<long> _sealed;
    private readonly Histogram<double> _vendorCall;
    private readonly Histogram<double> _batchSize;
    private readonly Histogram<double> _latency;

    /// <param name="meters">Makes the meter; a host has its own, so that two in one process do not count together.</param>
    public HubTelemetry(IMeterFactory meters)
    {
        var meter = meters.Create(Name);
        _events = Counter(HubMetrics.Events);
        _webhooks = Counter(HubMetrics.WebhookCalls);
        _withoutFact = Counter(HubMetrics.WebhookWithoutFact);
        _deliveries = Counter(HubMetrics.Deliveries);
        _denials = Counter(HubMetrics.ConsentDenials);
        _withheld = Counter(HubMetrics.FieldsWithheld);
        _held = Counter(HubMetrics.ValuesHeld);
        _sealed = Counter(HubMetrics.SealedValues);
        _vendorCall = Histogram(HubMetrics.VendorCallDuration);
        _batchSize = Histogram(HubMetrics.BatchSize);
        _latency = Histogram(HubMetrics.EndToEndLatency);

        Counter<long> Counter(HubMetric metric) => meter.CreateCounter<long>(metric.Name, metric.Unit, metric.Meaning);

        Histogram<double> Histogram(HubMetric metric) =>
            meter.CreateHistogram(metric.Name, metric.Unit, metric.Meaning, tags: null, new InstrumentAdvice<double> { HistogramBucketBoundaries = metric.Buckets });
    }

    /// <summary>A batch came back from the vendor.</summary>
    public void BatchSent(string destination, Operation operation, int records, TimeSpan duration)
    {
        _vendorCall.Record(duration.TotalSeconds, HubMetrics.VendorCallDuration.Tags(destination, HubMetrics.NameOf(operation)));
        _batchSize.Record(records, HubMetrics.BatchSize.Tags(destination, HubMetrics.NameOf(operation)));
    }

    /// <summary>A claim was settled.</summary>
    public void Settled(string destination, string lane, IReadOnlyList<Settlement> settlements, DateTimeOffset now)
    {
        Count(destination, lane, settlements.Select(settlement => (settlement.Outcome, settlement.Code)));
        foreach (var settlement in settlements)
        {
            if (settlement is { Outcome: LedgerOutcome.Delivered or LedgerOutcome.Unchanged, Delivery: { OwedSince: { } since, Operation: var operation } })
            {
                _latency.Record(Math.Max(0, (now - since).TotalSeconds), HubMetrics.EndToEndLatency.Tags(destination, lane, HubMetrics.NameOf(operation)));
            }
        }
    }

    /// <summary>A plan knew what becomes of records without asking the vendor.</summary>
    public void Planned(string destination, string lane, IReadOnlyList<PlannedOutcome> outcomes) =>
        Count(destination, lane, outcomes.Select(outcome => ((string?)outcome.Outcome, outcome.Code)));

    /// <summary>Facts were taken in.</summary>
    public void FactsTakenIn(string eventType, string result, int count) => _events.Add(count, HubMetrics.Events.Tags(eventType, result));

    /// <summary>A webhook was called.</summary>
    public void WebhookCalled(string source, string result) => _webhooks.Add(1, HubMetrics.WebhookCalls.Tags(source, result));

    /// <summary>Elements of calls that deliberately are no facts.</summary>
    public void WithoutFact(string source, string reason, int count) => _withoutFact.Add(count, HubMetrics.WebhookWithoutFact.Tags(source, reason));

    /// <summary>Values of a column were written anew.</summary>
    /// <param name="column">Table and column.</param>
    /// <param name="key">Name of the key that they are sealed with; null where they are in clear.</param>
    /// <param name="count">How many.</param>
    public void WrittenAnew(string column, string? key, int count) => _sealed.Add(count, HubMetrics.SealedValues.Tags(column, key, key is null ? HubMetrics.Opened : HubMetrics.Sealed));

    /// <summary>Values of a column do not open and stay as they are.</summary>
    public void DidNotOpen(string column, int count) => _sealed.Add(count, HubMetrics.SealedValues.Tags(column, null, HubMetrics.Broken));

    private void Count(string destination, string lane, IEnumerable<(string? Outcome, string? Code)> records)
    {
        foreach (var ((outcome, code), count) in records.CountBy(record => record))
        {
            _deliveries.Add(count, HubMetrics.Deliveries.Tags(destination, lane, outcome ?? HubMetrics.Retried));
            if (outcome == LedgerOutcome.Suppressed && code is not null && ConsentCode.All.Contains(code))
            {
                _denials.Add(count, HubMetrics.ConsentDenials.Tags(destination, code));
            }

            if (code == FlappingRule.Held)
            {
                _held.Add(count, HubMetrics.ValuesHeld.Tags(destination));
            }

            if (code?.Contains(ClaimPreparation.WithheldPrefix, StringComparison.Ordinal) == true)
            {
                _withheld.Add(count, HubMetrics.FieldsWithheld.Tags(destination));
            }
        }
    }
}
