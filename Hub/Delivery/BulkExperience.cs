using System.Collections.Concurrent;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Storage.Deliveries;

namespace IntegrationHub.Hub.Delivery;

/// <summary>
/// How long the latest vendor jobs took, measured to the row: what a connector assumes of a vendor's speed before the first job is held against it. Kept in memory, for it is a hint and
/// no record: a hub that starts anew tries one job. Thread-safe.
/// </summary>
internal sealed class BulkExperience(TimeProvider time)
{
    /// <summary>How long a slow job counts; then another one is tried, for the vendor may be faster now.</summary>
    private static readonly TimeSpan _counts = TimeSpan.FromDays(7);

    private readonly ConcurrentDictionary<(string Destination, Operation Operation), Past> _latest = new();

    /// <summary>Notes a job that came to its end.</summary>
    public void Note(BulkJob job, int records) => _latest[(job.Destination, job.Operation)] = new Past(records, time.GetUtcNow() - job.StartedAt, time.GetUtcNow());

    /// <summary>
    /// Whether a job is no slower than the calls for single records. A job of fewer records is expected to take as long as the latest one, for most of that is waiting; one of more
    /// records longer in proportion. True where nothing was measured, or the connector names no pace of its calls.
    /// </summary>
    /// <param name="destination">Where it would run.</param>
    /// <param name="operation">What it would do.</param>
    /// <param name="records">How many records wait.</param>
    /// <param name="limits">The connector's limits.</param>
    public bool IsWorth(string destination, Operation operation, long records, BulkLimits limits) =>
        limits.CallsPace <= 0 || !_latest.TryGetValue((destination, operation), out var past) || time.GetUtcNow() - past.At > _counts
        || past.Took * Math.Max(1, (double)records / past.Records) <= TimeSpan.FromSeconds(records / limits.CallsPace);

    private readonly record struct Past(int Records, TimeSpan Took, DateTimeOffset At);
}
