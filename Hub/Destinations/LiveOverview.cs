using System.Text.Json.Serialization;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Storage.Deliveries;

namespace IntegrationHub.Hub.Destinations;

/// <summary>What became of changes of people and memberships that were sent to a destination as they happened.</summary>
internal sealed class LiveOverview(OutboxTransaction transactions, TimeProvider time)
{
    /// <summary>The last minutes in which anything was settled, the latest first.</summary>
    /// <param name="destination">The destination.</param>
    /// <param name="minutes">How many minutes to look back, from 1.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async Task<LiveJson> ReadAsync(Destination destination, int minutes, CancellationToken cancellationToken)
    {
        var counts = await transactions.ReadAsync(db => LiveCounts.ReadAsync(db, destination.Name, time.GetUtcNow().AddMinutes(-minutes), cancellationToken));
        return new LiveJson(destination.Name, destination.IsLive ? "on" : "off", [.. counts.GroupBy(count => count.Minute).Select(minute => new LiveMinuteJson(
            minute.Key, Of(minute, LedgerOutcome.Delivered), Of(minute, LedgerOutcome.Unchanged), Of(minute, LedgerOutcome.Suppressed), Of(minute, LedgerOutcome.Rejected), Of(minute, LedgerOutcome.DeadLettered)))]);
    }

    private static long Of(IEnumerable<LiveCount> counts, string outcome) => counts.Where(count => count.Outcome == outcome).Sum(count => count.Count);
}

/// <summary>A destination's live lane.</summary>
/// <param name="Destination">The destination.</param>
/// <param name="Live"><c>on</c> or <c>off</c>, as its file says.</param>
/// <param name="Minutes">Minutes in which anything was settled, the latest first.</param>
internal sealed record LiveJson(
    [property: JsonPropertyName("destination")] string Destination,
    [property: JsonPropertyName("live")] string Live,
    [property: JsonPropertyName("minutes")] IReadOnlyList<LiveMinuteJson> Minutes);

/// <summary>Changes of people and memberships that were settled within a minute. Who was rejected or dead-lettered stands among the dead letters.</summary>
internal sealed record LiveMinuteJson(
    [property: JsonPropertyName("minute")] DateTimeOffset Minute,
    [property: JsonPropertyName("delivered")] long Delivered,
    [property: JsonPropertyName("unchanged")] long Unchanged,
    [property: JsonPropertyName("suppressed")] long Suppressed,
    [property: JsonPropertyName("rejected")] long Rejected,
    [property: JsonPropertyName("dead_lettered")] long DeadLettered);
