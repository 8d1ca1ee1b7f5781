using System.Text.Json.Serialization;
using IntegrationHub.Storage.Watch;

namespace IntegrationHub.Hub.Destinations;

/// <summary>What was settled for a lane of a destination within a minute, and what was tried for it: what was delivered, unchanged, rejected or given up, and attempts that are repeated.</summary>
internal sealed record MinuteJson(
    [property: JsonPropertyName("minute")] DateTimeOffset Minute,
    [property: JsonPropertyName("lane")] string Lane,
    [property: JsonPropertyName("attempted")] long Attempted,
    [property: JsonPropertyName("delivered")] long Delivered,
    [property: JsonPropertyName("unchanged")] long Unchanged,
    [property: JsonPropertyName("rejected")] long Rejected,
    [property: JsonPropertyName("dead_lettered")] long DeadLettered,
    [property: JsonPropertyName("retried")] long Retried,
    [property: JsonPropertyName("suppressed")] long Suppressed)
{
    /// <summary>Shows a minute.</summary>
    public static MinuteJson From(DeliveryMinute minute) =>
        new(minute.Minute, minute.Lane, minute.Attempted, minute.Delivered, minute.Unchanged, minute.Rejected, minute.DeadLettered, minute.Retried, minute.Suppressed);
}
