using System.Collections.Immutable;
using System.Diagnostics.Metrics;

namespace IntegrationHub.Hub.Observability;

/// <summary>
/// What the gauges show until they are read again. A place that was shown once and is not told of any more is 0, and what nobody knows is not a number: neither stands there as it was.
/// </summary>
internal sealed class GaugeBoard
{
    private static readonly HubMetric[] _gauges = [.. HubMetrics.All.Where(metric => metric.Kind == MetricKind.Gauge)];
    private volatile ImmutableDictionary<string, ImmutableDictionary<string, Reading>> _shown = _gauges.ToImmutableDictionary(gauge => gauge.Name, _ => ImmutableDictionary<string, Reading>.Empty);

    /// <param name="meters">Makes the meter; a host has its own.</param>
    public GaugeBoard(IMeterFactory meters)
    {
        foreach (var gauge in _gauges)
        {
            meters.Create(HubTelemetry.Name).CreateObservableGauge(gauge.Name, () => Measure(gauge), gauge.Unit, gauge.Meaning);
        }
    }

    /// <summary>Shows what was read, in place of all that was shown.</summary>
    public void Show(IEnumerable<Reading> readings)
    {
        var now = readings.ToLookup(reading => reading.Metric.Name);
        _shown = _shown.ToImmutableDictionary(
            gauge => gauge.Key,
            gauge => gauge.Value.ToImmutableDictionary(place => place.Key, place => place.Value with { Value = 0 }).SetItems(now[gauge.Key].Select(reading => KeyValuePair.Create(PlaceOf(reading), reading))));
    }

    /// <summary>Nobody knows any more what the gauges should show, but these; when they were read last stays as true as it was.</summary>
    public void Forget(params IEnumerable<Reading> known)
    {
        var kept = known.ToDictionary(reading => reading.Metric.Name);
        _shown = _shown.ToImmutableDictionary(
            gauge => gauge.Key,
            gauge => kept.TryGetValue(gauge.Key, out var reading)
                ? gauge.Value.SetItem(PlaceOf(reading), reading)
                : gauge.Key == HubMetrics.LookedAt.Name ? gauge.Value
                : gauge.Value.ToImmutableDictionary(place => place.Key, place => place.Value with { Value = double.NaN }));
    }

    private IEnumerable<Measurement<double>> Measure(HubMetric gauge) =>
        _shown[gauge.Name].Values.Select(reading => new Measurement<double>(reading.Value, gauge.Tags(reading.Labels)));

    private static string PlaceOf(Reading reading) => string.Join('\n', reading.Labels);
}
