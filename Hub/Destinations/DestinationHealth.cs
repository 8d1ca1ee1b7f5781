using System.Collections.Concurrent;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Delivery;
using IntegrationHub.Hub.Destinations.Quota;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Storage.Destinations;
using Microsoft.Extensions.Options;

namespace IntegrationHub.Hub.Destinations;

/// <summary>
/// Circuit and throttle of every destination, shared by all hub instances through the database. Each instance keeps what it read for a
/// moment, so asking costs no round trip per batch.
/// </summary>
internal sealed partial class DestinationHealth(
    OutboxTransaction transactions,
    IDestinationStore store,
    IOptions<DeliveryOptions> options,
    TimeProvider time,
    ILogger<DestinationHealth> logger)
{
    private static readonly TimeSpan _freshFor = TimeSpan.FromMilliseconds(500);
    private readonly ConcurrentDictionary<string, Reading> _readings = new(StringComparer.Ordinal);

    private sealed record Reading(StoredCondition? Condition, DateTimeOffset ReadAt);

    /// <summary>The condition that keeps a lane of the destination, or all of it, from being sent to now, or null.</summary>
    public async Task<StoredCondition?> FindBlockAsync(string destination, string lane, CancellationToken cancellationToken) =>
        await FindBlockAsync(destination, cancellationToken) ?? await FindBlockAsync(OfLane(destination, lane), cancellationToken);

    /// <summary>Records trouble that a batch of a lane met: a lane's own budget concerns that lane alone, everything else the destination.</summary>
    public Task ReportAsync(string destination, string lane, DestinationCondition condition, CancellationToken cancellationToken) =>
        ReportAsync(condition.Code.EndsWith(QuotaGate.OfLane, StringComparison.Ordinal) ? OfLane(destination, lane) : destination, condition, cancellationToken);

    /// <summary>Name under which the condition of one lane is kept.</summary>
    public static string OfLane(string destination, string lane) => $"{destination}/{lane}";

    private async Task<StoredCondition?> FindBlockAsync(string destination, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (!_readings.TryGetValue(destination, out var reading) || now - reading.ReadAt > _freshFor)
        {
            var condition = await transactions.ReadAsync(db => store.FindConditionAsync(db, destination, cancellationToken));
            reading = _readings[destination] = new Reading(condition, now);
        }

        return reading.Condition is { } current && current.Until > now ? current : null;
    }

    /// <summary>Records trouble that a receipt told of; later batches wait until it may be over.</summary>
    private async Task ReportAsync(string destination, DestinationCondition condition, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var failures = _readings.TryGetValue(destination, out var reading) ? reading.Condition?.Failures ?? 0 : 0;
        var pause = condition.RetryAfter ?? condition.Trouble switch
        {
            DestinationTrouble.Unauthorized or DestinationTrouble.Misconfigured => options.Value.PauseUntilRepaired,
            _ => RetrySchedule.Delay(options.Value.FirstCircuitPause, options.Value.LongestCircuitPause, failures + 1, Random.Shared.NextDouble()),
        };
        var stored = await transactions.RunAsync(
            (db, _) => store.ReportAsync(db, destination, Name(condition.Trouble), condition.Code, now + pause, now, cancellationToken),
            cancellationToken);
        _readings[destination] = new Reading(stored, now);
        LogTrouble(destination, stored.Trouble, stored.Code, pause.TotalSeconds, stored.Failures);
    }

    /// <summary>Records that the vendor answered well; cheap when nothing was wrong.</summary>
    public async Task RecoverAsync(string destination, CancellationToken cancellationToken)
    {
        if (!_readings.TryGetValue(destination, out var reading) || reading.Condition is null)
        {
            return;
        }

        await transactions.RunAsync((db, _) => store.ClearAsync(db, destination, cancellationToken), cancellationToken);
        _readings[destination] = new Reading(null, time.GetUtcNow());
        LogRecovered(destination);
    }

    private static string Name(DestinationTrouble trouble) => trouble switch
    {
        DestinationTrouble.Throttled => "throttled",
        DestinationTrouble.Unauthorized => "unauthorized",
        DestinationTrouble.Misconfigured => "misconfigured",
        _ => "unavailable",
    };

    [LoggerMessage(1101, LogLevel.Warning, "Destination {Destination} is {Trouble} ({Code}): waiting {Seconds:0.0} s, {Failures} in a row")]
    private partial void LogTrouble(string destination, string trouble, string code, double seconds, int failures);

    [LoggerMessage(1102, LogLevel.Information, "Destination {Destination} answers again")]
    private partial void LogRecovered(string destination);
}
