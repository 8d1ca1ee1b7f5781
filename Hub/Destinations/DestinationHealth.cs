using System.Collections.Concurrent;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Delivery;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Runs;
using IntegrationHub.Storage.Destinations;
using Microsoft.Extensions.Options;

namespace IntegrationHub.Hub.Destinations;

/// <summary>
/// Circuit and throttle of every destination, shared by all hub instances through the database. A throttle concerns the lane that met it, a missing list its
/// audience, everything else the destination. When a wait is over, one call tries whether the trouble is gone and all others wait for what it
/// finds. Each instance keeps what it read for a moment, so asking costs no round trip per batch.
/// </summary>
internal sealed partial class DestinationHealth(
    OutboxTransaction transactions,
    IDestinationStore store,
    RunReminder runs,
    IOptions<DeliveryOptions> options,
    TimeProvider time,
    ILogger<DestinationHealth> logger)
{
    /// <summary>Waits up to this long hold up the batch that met them and nobody else: storing them would keep other work of the lane waiting for longer than the vendor asks.</summary>
    private static readonly TimeSpan _shortWait = TimeSpan.FromSeconds(30);

    /// <summary>Work that waits alone looks this often at least whether its wait is over; where it is not, the gate says so without a call.</summary>
    private static readonly TimeSpan _longestWaitOfWork = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan _freshFor = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan _probeLength = TimeSpan.FromMinutes(1);
    private readonly ConcurrentDictionary<string, Reading> _readings = new(StringComparer.Ordinal);

    private sealed record Reading(StoredCondition? Condition, DateTimeOffset ReadAt);

    /// <summary>Name under which the condition of one lane is kept.</summary>
    public static string OfLane(string destination, string lane) => $"{destination}/{lane}";

    /// <summary>Name under which the condition of one audience is kept.</summary>
    public static string OfAudience(string destination, string audience) => $"{destination}/audience:{audience}";

    /// <summary>How long the work that met a condition has to wait while everything else goes on; null when the condition concerns more than that.</summary>
    public TimeSpan? WaitOfWorkAlone(DestinationCondition condition) => condition switch
    {
        { ConcernsThisWorkOnly: true } => condition.RetryAfter is not { } asked ? options.Value.PauseUntilRepaired : asked < _longestWaitOfWork ? asked : _longestWaitOfWork,
        { Trouble: DestinationTrouble.Throttled, RetryAfter: { } wait } when wait <= _shortWait => wait,
        _ => null,
    };

    /// <summary>The condition that keeps a lane of the destination, or all of it, from being sent to now, or null.</summary>
    public async Task<StoredCondition?> FindBlockAsync(string destination, string lane, CancellationToken cancellationToken)
    {
        foreach (var name in (string[])[destination, OfLane(destination, lane)])
        {
            if (await ReadAsync(name, cancellationToken) is { } condition && Blocks(condition))
            {
                return condition;
            }
        }

        return null;
    }

    /// <summary>Asks before a vendor call whether it may be made; to be disposed after it.</summary>
    /// <param name="destination">Name of the destination.</param>
    /// <param name="lane">Lane of the work.</param>
    /// <param name="audience">Audience of the work, empty when it has none.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public async Task<HealthPass> EnterAsync(string destination, string lane, string audience, CancellationToken cancellationToken)
    {
        var pass = new HealthPass(EndProbeAsync);
        foreach (var name in Names(destination, lane, audience))
        {
            if (await ReadAsync(name, cancellationToken) is not { } condition)
            {
                continue;
            }

            if (Blocks(condition) || (NeedsProbe(condition) && !await TryProbeAsync(condition, cancellationToken)))
            {
                pass.Block = condition;
                pass.ConcernsAudienceOnly = audience.Length > 0 && name == OfAudience(destination, audience);
                return pass;
            }

            pass.Add(condition, isProbe: NeedsProbe(condition));
        }

        return pass;
    }

    /// <summary>Records trouble that a call met outside of batches.</summary>
    public Task ReportAsync(string destination, string lane, DestinationCondition condition, CancellationToken cancellationToken) =>
        ReportAsync(destination, lane, condition, null, cancellationToken);

    /// <summary>Records trouble that a call met; later batches of what it concerns wait until it may be over.</summary>
    public Task ReportAsync(string destination, string lane, DestinationCondition condition, HealthPass? pass, CancellationToken cancellationToken) =>
        ReportAsync(condition.Trouble == DestinationTrouble.Throttled ? OfLane(destination, lane) : destination, condition, pass, cancellationToken);

    /// <summary>Records trouble with one audience; everything else goes on.</summary>
    /// <returns>The condition as it concerns the audience's work: with how long that waits.</returns>
    public async Task<DestinationCondition> ReportAudienceAsync(
        string destination, string audience, DestinationCondition condition, HealthPass? pass, CancellationToken cancellationToken)
    {
        await ReportAsync(OfAudience(destination, audience), condition, pass, cancellationToken);
        return condition with { RetryAfter = condition.RetryAfter ?? options.Value.PauseUntilRepaired, ConcernsThisWorkOnly = true };
    }

    /// <summary>Records that the vendor answered well: what was known before the call is over. What was reported since is newer than the answer, and stands.</summary>
    public async Task RecoverAsync(HealthPass pass, CancellationToken cancellationToken)
    {
        var probed = pass.IsProbe;
        var ended = await ClearAsync(pass.Seen, cancellationToken);
        pass.Conclude();
        if (probed)
        {
            await RemindAsync(ended, cancellationToken);
        }
    }

    /// <summary>All conditions that stand in the books of a destination, its lanes and its audiences.</summary>
    public Task<IReadOnlyList<StoredCondition>> ListAsync(string destination, CancellationToken cancellationToken) =>
        transactions.ReadAsync(db => store.ListConditionsAsync(db, destination, cancellationToken));

    /// <summary>A look at the vendor found all well: conditions that were known before it are over, those of audiences aside, unless they were reported again.</summary>
    public async Task ClearAsync(IEnumerable<StoredCondition> known, CancellationToken cancellationToken) =>
        await RemindAsync(await ClearAsync(known.Select(condition => (condition.Name, condition.Mark)), cancellationToken), cancellationToken);

    /// <summary>Somebody says that the trouble is over: all waits of the destination, its lanes, its audiences and its single deliveries end.</summary>
    /// <returns>How many conditions there were, and deliveries that waited for a later time.</returns>
    public async Task<(int Conditions, int Deliveries)> ResumeAsync(string destination, CancellationToken cancellationToken)
    {
        var ended = await transactions.RunAsync(
            async (db, _) => (await store.ClearAllAsync(db, destination, cancellationToken), await store.WakeDeliveriesAsync(db, destination, time.GetUtcNow(), cancellationToken)),
            cancellationToken);
        foreach (var name in _readings.Keys.Where(name => name == destination || name.StartsWith($"{destination}/", StringComparison.Ordinal)))
        {
            _readings.TryRemove(name, out _);
        }

        return ended;
    }

    /// <summary>Clears those that were not reported again.</summary>
    /// <returns>Their names.</returns>
    private async Task<IReadOnlyList<string>> ClearAsync(IEnumerable<(string Name, string Mark)> known, CancellationToken cancellationToken)
    {
        var ended = new List<string>();
        foreach (var (name, mark) in known)
        {
            if (await transactions.RunAsync((db, _) => store.ClearAsync(db, name, mark, cancellationToken), cancellationToken))
            {
                LogRecovered(name);
                ended.Add(name);
            }

            _readings.TryRemove(name, out _);
        }

        return ended;
    }

    /// <summary>Steps of runs that were put off until a later time need not wait for it.</summary>
    private async Task RemindAsync(IReadOnlyList<string> ended, CancellationToken cancellationToken)
    {
        foreach (var destination in ended.Select(name => name.Split('/')[0]).Distinct(StringComparer.Ordinal))
        {
            await runs.RemindAsync(destination, cancellationToken);
        }
    }

    private static IEnumerable<string> Names(string destination, string lane, string audience) =>
        audience.Length == 0 ? [destination, OfLane(destination, lane)] : [destination, OfLane(destination, lane), OfAudience(destination, audience)];

    /// <summary>A throttle is over when its time is; nobody needs to try.</summary>
    private bool NeedsProbe(StoredCondition condition) => condition.Trouble != "throttled" && condition.Until <= time.GetUtcNow();

    private bool Blocks(StoredCondition condition) => condition.Until > time.GetUtcNow() || condition.ProbeUntil > time.GetUtcNow();

    private async Task<StoredCondition?> ReadAsync(string name, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (!_readings.TryGetValue(name, out var reading) || now - reading.ReadAt > _freshFor || reading.ReadAt > now)
        {
            reading = _readings[name] = new Reading(await transactions.ReadAsync(db => store.FindConditionAsync(db, name, cancellationToken)), now);
        }

        return reading.Condition;
    }

    private async Task<bool> TryProbeAsync(StoredCondition condition, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        _readings.TryRemove(condition.Name, out _);
        return await transactions.RunAsync((db, _) => store.TryProbeAsync(db, condition.Name, condition.Mark, now, now + _probeLength, cancellationToken), cancellationToken);
    }

    private async Task EndProbeAsync(string name, string mark)
    {
        await transactions.RunAsync((db, _) => store.EndProbeAsync(db, name, mark, CancellationToken.None), CancellationToken.None);
        _readings.TryRemove(name, out _);
    }

    private async Task ReportAsync(string name, DestinationCondition condition, HealthPass? pass, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var seen = pass is null ? await ReadAsync(name, cancellationToken) is { } known ? known.Mark : null : pass.MarkOf(name);
        var stored = await transactions.RunAsync(
            (db, _) => store.ReportAsync(db, new ConditionReport(name, Name(condition.Trouble), condition.Code, now, seen), failures => now + Pause(condition, failures), cancellationToken),
            cancellationToken);
        _readings[name] = new Reading(stored, now);
        pass?.Conclude();
        LogTrouble(name, stored.Trouble, stored.Code, stored.Until, stored.Failures);
    }

    private TimeSpan Pause(DestinationCondition condition, int failures) => condition.RetryAfter ?? condition.Trouble switch
    {
        DestinationTrouble.Unauthorized or DestinationTrouble.Misconfigured => options.Value.PauseUntilRepaired,
        _ => RetrySchedule.Delay(options.Value.FirstCircuitPause, options.Value.LongestCircuitPause, failures, Random.Shared.NextDouble()),
    };

    private static string Name(DestinationTrouble trouble) => trouble switch
    {
        DestinationTrouble.Throttled => "throttled",
        DestinationTrouble.Unauthorized => "unauthorized",
        DestinationTrouble.Misconfigured => "misconfigured",
        _ => "unavailable",
    };

    [LoggerMessage(1101, LogLevel.Warning, "{Destination} is {Trouble} ({Code}): nothing is sent there until {Until:u}, {Failures} failures in a row; destinations resume ends the wait")]
    private partial void LogTrouble(string destination, string trouble, string code, DateTimeOffset until, int failures);

    [LoggerMessage(1102, LogLevel.Information, "{Destination} answers again")]
    private partial void LogRecovered(string destination);
}
