using System.Diagnostics;

namespace IntegrationHub.Hub.Observability;

/// <summary>A metric of the hub as its table names it.</summary>
/// <param name="Name">Its name at OpenTelemetry.</param>
/// <param name="Kind">What it does over time.</param>
/// <param name="Unit">Its unit by UCUM: <c>s</c>, or what is counted in braces; empty of a yes or no.</param>
/// <param name="Meaning">What it tells.</param>
/// <param name="Labels">By what it is told apart.</param>
internal sealed record HubMetric(string Name, MetricKind Kind, string Unit, string Meaning, params MetricLabel[] Labels)
{
    /// <summary>Upper bounds of the buckets of a histogram, ascending; empty of all others.</summary>
    public IReadOnlyList<double> Buckets { get; init; } = [];

    /// <summary>The name by which Prometheus knows it: with the unit, and of a counter with <c>_total</c>.</summary>
    public string PrometheusName => $"{Name}{(Unit == "s" ? "_seconds" : "")}{(Kind == MetricKind.Counter ? "_total" : "")}";

    /// <summary>Values by the labels, in the order of the table.</summary>
    /// <exception cref="ArgumentException">There is not one value per label.</exception>
    public TagList Tags(params ReadOnlySpan<string?> values)
    {
        if (values.Length != Labels.Length)
        {
            throw new ArgumentException($"{Name} has {Labels.Length} labels.", nameof(values));
        }

        var tags = new TagList();
        for (var i = 0; i < values.Length; i++)
        {
            tags.Add(Labels[i].Name, values[i] ?? "");
        }

        return tags;
    }
}
