using System.Diagnostics.Metrics;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Observability;
using IntegrationHub.Hub.Tests.Docs;
using Microsoft.Extensions.DependencyInjection;

namespace IntegrationHub.Hub.Tests.Observability;

/// <summary>The table of metrics, the instruments that there are, and the page are one.</summary>
public sealed class When_metrics_are_documented
{
    [Test]
    public void Should_have_every_instrument_in_the_table_and_no_other()
    {
        var published = new List<string>();
        using var provider = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var meters = provider.GetRequiredService<IMeterFactory>();
        var own = meters.Create(HubTelemetry.Name);
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, _) =>
            {
                if (ReferenceEquals(instrument.Meter, own))
                {
                    published.Add($"{Kind(instrument)} {instrument.Name} {instrument.Unit} {instrument.Description}");
                }
            },
        };
        listener.Start();
        _ = new HubTelemetry(meters);
        _ = new GaugeBoard(meters);

        Assert.That(published, Is.EquivalentTo(HubMetrics.All.Select(metric => $"{metric.Kind} {metric.Name} {metric.Unit} {metric.Meaning}")));
    }

    [Test]
    public void Should_have_every_metric_of_the_design_in_the_table()
    {
        string[] promised =
        [
            "hub_events", "hub_deliveries", "hub_batch_size", "hub_vendor_call_duration", "hub_quota_used", "hub_quota_available", "hub_circuit_open", "hub_backlog", "hub_oldest_age", "hub_end_to_end_latency",
            "hub_runs", "hub_runs_stalled", "hub_dead_letters", "hub_consent_denials", "hub_drift",
        ];
        Assert.That(HubMetrics.All.Select(metric => metric.Name), Is.Unique.And.SupersetOf(promised).And.All.StartsWith("hub_"));
    }

    /// <summary>With <c>HUB_TEST_PAGES=write</c> in the environment the page is written anew first.</summary>
    [Test]
    public void Should_say_the_same_on_the_page()
    {
        var page = Path.Combine(Runbook.Root(), "Hub", "Docs", "metrics.md");
        if (Environment.GetEnvironmentVariable("HUB_TEST_PAGES") == "write")
        {
            File.WriteAllText(page, MetricsPage.Text());
        }

        Assert.That(File.ReadAllText(page), Is.EqualTo(MetricsPage.Text()), "run this test with HUB_TEST_PAGES=write");
    }

    [Test]
    public void Should_refuse_a_measurement_without_its_labels() => Assert.That(() => HubMetrics.Backlog.Tags("braze"), Throws.ArgumentException);

    [Test]
    public void Should_name_operations_as_the_API_does() => Assert.That(HubMetrics.NameOf(Operation.UpsertProfile), Is.EqualTo("upsert_profile"));

    private static MetricKind Kind(Instrument instrument) => instrument switch
    {
        Counter<long> => MetricKind.Counter,
        Histogram<double> => MetricKind.Histogram,
        ObservableGauge<double> => MetricKind.Gauge,
        _ => throw new InvalidOperationException($"{instrument.Name} is of no kind that the table knows."),
    };
}
