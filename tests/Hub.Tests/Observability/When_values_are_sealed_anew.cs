using System.Diagnostics.Metrics;
using IntegrationHub.Hub.Observability;
using IntegrationHub.Storage.Sealing;
using Microsoft.Extensions.DependencyInjection;

namespace IntegrationHub.Hub.Tests.Observability;

/// <summary>Values that were sealed, opened or had to be left are counted, by column, key and what became of them.</summary>
public sealed class When_values_are_sealed_anew
{
    [Test]
    public void Should_be_told_apart()
    {
        using var provider = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var meters = provider.GetRequiredService<IMeterFactory>();
        var telemetry = new HubTelemetry(meters);
        var own = meters.Create(HubTelemetry.Name);
        var counted = new List<(string, string, string, long)>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, of) =>
            {
                if (ReferenceEquals(instrument.Meter, own) && instrument.Name == HubMetrics.SealedValues.Name)
                {
                    of.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((_, count, tags, _) => counted.Add(((string)tags[0].Value!, (string)tags[1].Value!, (string)tags[2].Value!, count)));
        listener.Start();
        telemetry.WrittenAnew(SealedColumn.FactBody.Place, "second", 5);
        telemetry.WrittenAnew(SealedColumn.FactBody.Place, null, 3);
        telemetry.DidNotOpen(SealedColumn.ImageFields.Place, 1);
        Assert.That(counted, Is.EqualTo(new[] { ("facts.body", "second", "sealed", 5L), ("facts.body", "", "opened", 3L), ("before_images.fields", "", "broken", 1L) }));
    }
}
