using System.Text.Json.Serialization;
using IntegrationHub.Storage.Watch;

namespace IntegrationHub.Hub.Destinations;

/// <summary>What was settled in a span of some minutes; spans in which nothing was are left out.</summary>
internal sealed record SeriesJson(
    [property: JsonPropertyName("at")] DateTimeOffset At,
    [property: JsonPropertyName("delivered")] long Delivered,
    [property: JsonPropertyName("unchanged")] long Unchanged,
    [property: JsonPropertyName("suppressed")] long Suppressed,
    [property: JsonPropertyName("rejected")] long Rejected,
    [property: JsonPropertyName("dead_lettered")] long DeadLettered,
    [property: JsonPropertyName("retried")] long Retried)
{
    /// <summary>Adds up minutes to spans.</summary>
    public static IReadOnlyList<SeriesJson> Of(IEnumerable<DeliveryMinute> minutes, TimeSpan span) =>
    [
        .. minutes.GroupBy(minute => minute.Minute.UtcTicks / span.Ticks).OrderBy(part => part.Key).Select(part => new SeriesJson(
            new DateTimeOffset(part.Key * span.Ticks, TimeSpan.Zero), part.Sum(one => one.Delivered), part.Sum(one => one.Unchanged), part.Sum(one => one.Suppressed),
            part.Sum(one => one.Rejected), part.Sum(one => one.DeadLettered), part.Sum(one => one.Retried))),
    ];
}
