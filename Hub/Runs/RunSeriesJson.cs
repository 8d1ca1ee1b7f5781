using System.Text.Json.Serialization;
using IntegrationHub.Hub.Paging;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Runs;

namespace IntegrationHub.Hub.Runs;

/// <summary>What was settled of a run over time, at most <see cref="RunSeries.MostPoints"/> points.</summary>
internal sealed record RunSeriesJson : PageJson<RunPointJson>
{
    /// <summary>How long a point lasts.</summary>
    [JsonPropertyName("span_seconds")]
    public required long SpanSeconds { get; init; }

    /// <summary>Shows it.</summary>
    public static RunSeriesJson From(RunSeries series) => new()
    {
        SpanSeconds = (long)series.Span.TotalSeconds, Items = [.. series.Points.Select(RunPointJson.From)], Next = null, Count = series.Points.Count, CountCapped = false,
    };
}

/// <summary>What was settled in a span; spans in which nothing was are left out.</summary>
/// <param name="At">When it begins.</param>
internal sealed record RunPointJson(
    [property: JsonPropertyName("at")] DateTimeOffset At,
    [property: JsonPropertyName("delivered")] long Delivered,
    [property: JsonPropertyName("unchanged")] long Unchanged,
    [property: JsonPropertyName("suppressed")] long Suppressed,
    [property: JsonPropertyName("rejected")] long Rejected,
    [property: JsonPropertyName("dead_lettered")] long DeadLettered)
{
    /// <summary>Shows a point.</summary>
    public static RunPointJson From(RunPoint point)
    {
        return new RunPointJson(point.At, Of(LedgerOutcome.Delivered), Of(LedgerOutcome.Unchanged), Of(LedgerOutcome.Suppressed), Of(LedgerOutcome.Rejected), Of(LedgerOutcome.DeadLettered));

        long Of(string outcome) => point.Counts.GetValueOrDefault(outcome);
    }
}
