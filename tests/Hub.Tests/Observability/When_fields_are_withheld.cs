using System.Diagnostics.Metrics;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Observability;
using IntegrationHub.Storage.Deliveries;
using Microsoft.Extensions.DependencyInjection;
using Settlement = IntegrationHub.Storage.Deliveries.Settlement;

namespace IntegrationHub.Hub.Tests.Observability;

/// <summary>Records that went without a field which no line of policy lets leave are counted, by destination.</summary>
public sealed class When_fields_are_withheld
{
    [TestCase("withheld_sex", 1)]
    [TestCase("found_by_email;withheld_sex+dob;dropped_age", 1)]
    [TestCase("dropped_age", 0)]
    [TestCase(null, 0)]
    public void Should_count_the_record_once(string? code, long expected)
    {
        using var provider = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var meters = provider.GetRequiredService<IMeterFactory>();
        var telemetry = new HubTelemetry(meters);
        var own = meters.Create(HubTelemetry.Name);
        var counted = new Dictionary<string, long>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, of) =>
            {
                if (ReferenceEquals(instrument.Meter, own) && instrument.Name == HubMetrics.FieldsWithheld.Name)
                {
                    of.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((_, count, tags, _) => counted[(string)tags[0].Value!] = counted.GetValueOrDefault((string)tags[0].Value!) + count);
        listener.Start();
        telemetry.Settled("acme", Lane.Bulk, [new Settlement { Delivery = Delivery(), Outcome = LedgerOutcome.Delivered, Code = code }], DateTimeOffset.UnixEpoch);
        Assert.That(counted.GetValueOrDefault("acme"), Is.EqualTo(expected));
    }

    private static ClaimedDelivery Delivery() => new()
    {
        DeliveryId = 1, RunId = Guid.Empty, Audience = "", Operation = Operation.UpsertProfile, Attempt = 0, ProfileId = 1, AttributesJson = "", ConsentJson = "", ProfileVersion = 1,
    };
}
