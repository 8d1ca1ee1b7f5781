using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Runs;
using IntegrationHub.Storage.Schedules;

namespace IntegrationHub.Hub.Schedules;

/// <summary>
/// Rings a bell: starts the runs and notes them in one transaction, so that a bell that two hubs hear, or one hub twice, starts nothing twice. The runs do the work.
/// </summary>
internal sealed partial class BellRinger(RunStarter starter, OutboxTransaction transactions, HubInstance instance, TimeProvider time, ILogger<BellRinger> logger)
{
    private const string RunActive = "run-active";

    /// <summary>Rings.</summary>
    /// <param name="schedule">The schedule.</param>
    /// <param name="due">When it was to ring.</param>
    /// <param name="by">Who rings it: the clock, or whoever asked for it now.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>What became of it; null when that was noted before.</returns>
    public async Task<JobRun?> RingAsync(ScheduleConfiguration schedule, DateTimeOffset due, string by, CancellationToken cancellationToken)
    {
        var rung = new JobRun(schedule.Name, due, time.GetUtcNow(), instance.Name, JobOutcome.Started, null, null, []);
        var isNoted = false;
        var (started, refusal) = await starter.StartAsync(
            new RunRequest(schedule.Audience, schedule.Destinations, schedule.Mode, null, by),
            cancellationToken,
            async (db, runs) => isNoted = await JobRuns.AddAsync(db, rung = rung with { RunIds = [.. runs.Select(run => run.RunId)] }, cancellationToken));
        if (refusal is not null)
        {
            rung = rung with { Outcome = refusal.Type == RunActive ? JobOutcome.Overlapped : JobOutcome.Refused, Code = refusal.Type, Detail = refusal.Detail };
            isNoted = await AddAsync(rung, cancellationToken);
            if (isNoted)
            {
                LogNotStarted(schedule.Name, due, refusal.Type, refusal.Detail);
            }
        }
        else if (isNoted)
        {
            LogStarted(schedule.Name, due, started.Count, schedule.Audience);
        }

        return isNoted ? rung : null;
    }

    /// <summary>Notes that nobody rang.</summary>
    public async Task MissAsync(ScheduleConfiguration schedule, DateTimeOffset due, string why, CancellationToken cancellationToken)
    {
        if (await AddAsync(new JobRun(schedule.Name, due, time.GetUtcNow(), instance.Name, JobOutcome.Missed, "schedule_missed", why, []), cancellationToken))
        {
            LogMissed(schedule.Name, due, why);
        }
    }

    private Task<bool> AddAsync(JobRun run, CancellationToken cancellationToken) => transactions.RunAsync((db, _) => JobRuns.AddAsync(db, run, cancellationToken), cancellationToken);

    [LoggerMessage(1901, LogLevel.Information, "Schedule {Schedule} of {Due:u} started {Runs} runs of {Audience}")]
    private partial void LogStarted(string schedule, DateTimeOffset due, int runs, string audience);

    [LoggerMessage(1902, LogLevel.Warning, "Schedule {Schedule} of {Due:u} started nothing ({Code}): {Detail}")]
    private partial void LogNotStarted(string schedule, DateTimeOffset due, string code, string detail);

    [LoggerMessage(1903, LogLevel.Warning, "Schedule {Schedule} missed its time {Due:u}: {Why}")]
    private partial void LogMissed(string schedule, DateTimeOffset due, string why);
}
