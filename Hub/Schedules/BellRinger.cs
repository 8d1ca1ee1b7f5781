using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Runs;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Audit;
using IntegrationHub.Storage.Schedules;

namespace IntegrationHub.Hub.Schedules;

/// <summary>
/// Rings a bell: starts the runs and notes them in one transaction, or notes that a job of the hub's own is due, so that a bell that two hubs hear, or one hub twice, starts nothing
/// twice. The runs do the work, and whichever hub takes the job.
/// </summary>
internal sealed partial class BellRinger(RunStarter starter, HubJobWorker worker, OutboxTransaction transactions, HubInstance instance, TimeProvider time, ILogger<BellRinger> logger)
{
    private const string RunActive = "run-active";

    /// <summary>Rings.</summary>
    /// <param name="plan">The schedule, or the plan of a job of the hub's own.</param>
    /// <param name="due">When it was to ring.</param>
    /// <param name="by">Who rings it: the clock, or whoever asked for it now.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <param name="entry">What the audit log is told when something is started or due, in the same transaction; null for nothing.</param>
    /// <returns>What became of it; null when that was noted before.</returns>
    public Task<JobRun?> RingAsync(BellPlan plan, DateTimeOffset due, string by, CancellationToken cancellationToken, AuditEntry? entry = null) =>
        plan is ScheduleConfiguration schedule ? StartAsync(schedule, due, by, entry, cancellationToken) : OweAsync(plan, due, entry, cancellationToken);

    /// <summary>Notes that nobody rang.</summary>
    public async Task MissAsync(BellPlan plan, DateTimeOffset due, string why, CancellationToken cancellationToken)
    {
        if (await AddAsync(Rung(plan, due, JobOutcome.Missed) with { Code = "schedule_missed", Detail = why }, null, cancellationToken))
        {
            LogMissed(plan.Name, due, why);
        }
    }

    private async Task<JobRun?> StartAsync(ScheduleConfiguration schedule, DateTimeOffset due, string by, AuditEntry? entry, CancellationToken cancellationToken)
    {
        var rung = Rung(schedule, due, JobOutcome.Started);
        var isNoted = false;
        var (started, refusal) = await starter.StartAsync(
            new RunRequest(schedule.Audience, schedule.Destinations, schedule.Mode, null, by),
            cancellationToken,
            async (db, runs) => isNoted = await AddAsync(db, rung = rung with { RunIds = [.. runs.Select(run => run.RunId)] }, entry, cancellationToken));
        if (refusal is not null)
        {
            rung = rung with { Outcome = refusal.Type == RunActive ? JobOutcome.Overlapped : JobOutcome.Refused, Code = refusal.Type, Detail = refusal.Detail };
            isNoted = await AddAsync(rung, null, cancellationToken);
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

    private async Task<JobRun?> OweAsync(BellPlan plan, DateTimeOffset due, AuditEntry? entry, CancellationToken cancellationToken)
    {
        var rung = Rung(plan, due, JobOutcome.Due);
        if (!await AddAsync(rung, entry, cancellationToken))
        {
            return null;
        }

        worker.Wake();
        return rung;
    }

    private JobRun Rung(BellPlan plan, DateTimeOffset due, string outcome) => new(plan.Name, due, time.GetUtcNow(), instance.Name, outcome, null, null, []);

    private Task<bool> AddAsync(JobRun run, AuditEntry? entry, CancellationToken cancellationToken) => transactions.RunAsync((db, _) => AddAsync(db, run, entry, cancellationToken), cancellationToken);

    /// <summary>Notes a bell and, when it was not noted before, who rang it: both stand, or neither.</summary>
    private static async Task<bool> AddAsync(HubDbContext db, JobRun run, AuditEntry? entry, CancellationToken cancellationToken)
    {
        if (!await JobRuns.AddAsync(db, run, cancellationToken))
        {
            return false;
        }

        await (entry is null ? Task.CompletedTask : AuditLog.AppendAsync(db, entry, cancellationToken));
        return true;
    }

    [LoggerMessage(1901, LogLevel.Information, "Schedule {Schedule} of {Due:u} started {Runs} runs of {Audience}")]
    private partial void LogStarted(string schedule, DateTimeOffset due, int runs, string audience);

    [LoggerMessage(1902, LogLevel.Warning, "Schedule {Schedule} of {Due:u} started nothing ({Code}): {Detail}")]
    private partial void LogNotStarted(string schedule, DateTimeOffset due, string code, string detail);

    [LoggerMessage(1903, LogLevel.Warning, "Schedule {Schedule} missed its time {Due:u}: {Why}")]
    private partial void LogMissed(string schedule, DateTimeOffset due, string why);
}
