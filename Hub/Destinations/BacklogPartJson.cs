using System.Text.Json.Serialization;
using IntegrationHub.Storage.Watch;

namespace IntegrationHub.Hub.Destinations;

/// <summary>What waits in a lane of a destination for one run, or as it happened or is replayed.</summary>
/// <param name="Lane">The lane.</param>
/// <param name="RunId">The run; null of what goes as it happens, or again.</param>
/// <param name="Records">How many records wait.</param>
/// <param name="Oldest">Since when the oldest of them does.</param>
/// <param name="NextAt">When the next of them is tried.</param>
/// <param name="LastCode">Code that one of those met last that wait for another attempt; null when none was tried.</param>
internal sealed record BacklogPartJson(
    [property: JsonPropertyName("lane")] string Lane,
    [property: JsonPropertyName("run_id")] Guid? RunId,
    [property: JsonPropertyName("records")] long Records,
    [property: JsonPropertyName("oldest")] DateTimeOffset Oldest,
    [property: JsonPropertyName("next_at")] DateTimeOffset NextAt,
    [property: JsonPropertyName("last_code")] string? LastCode)
{
    /// <summary>Shows a part of what waits.</summary>
    public static BacklogPartJson From(PendingWork work) => new(work.Lane, Storage.Deliveries.Lane.HoldsStream(work.Lane) ? null : work.RunId, work.Records, work.Oldest, work.NextAt, work.LastCode);
}
