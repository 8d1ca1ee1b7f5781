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
        RingAsync(plan, due, by, null, entry, cancellationToken);

    /// <summary>Notes that nobody rang.</summary>
    public async Task MissAsync(BellPlan plan, DateTimeOffset due, string why, CancellationToken cancellationToken)
    {
        if (await AddAsync(Missed(plan, due, why), null, null, cancellationToken))
        {
            LogMissed(plan.Name, due, why);
        }
    }

    /// <summary>
    /// Notes the first of the bells that nobody rang at their time and, where the plan says so, rings once for all of them. The note and the ring stand together or not at all, and the book
    /// is looked at again under its lock: however many hubs make up for the same bells, and wherever they die, it is rung once.
    /// </summary>
    /// <param name="plan">The schedule, or the plan of a job of the hub's own.</param>
    /// <param name="until">Bells that were due up to here are missed when nobody rang them.</param>
    /// <param name="why">What is noted, as a sentence that says what becomes of it; null when it is noted already.</param>
    /// <param name="evenTheFirst">Whether one that was never rung is rung now.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public async Task MakeUpAsync(BellPlan plan, DateTimeOffset until, string? why, bool evenTheFirst, CancellationToken cancellationToken)
    {
        var (unnoted, isOwed) = await transactions.ReadAsync(LookAsync);
        if (isOwed)
        {
            await RingAsync(plan, time.GetUtcNow(), Bell.By(plan.Name), NoteAsync, null, cancellationToken);
        }
        else if (unnoted is not null)
        {
            await transactions.RunAsync((db, _) => NoteAsync(db), cancellationToken);
        }
        else
        {
            return;
        }

        if (unnoted is { } missed)
        {
            LogMissed(plan.Name, missed, why!);
        }

        async Task<bool> NoteAsync(HubDbContext db)
        {
            await JobRuns.LockAsync(db, plan.Name, cancellationToken);
            (unnoted, _) = await LookAsync(db);
            if (unnoted is { } first && !await JobRuns.AddAsync(db, Missed(plan, first, why!), cancellationToken))
            {
                unnoted = null;
            }

            // Whoever rang it late, at its own time, did so before the note could not be made.
            (_, var isStillOwed) = await LookAsync(db);
            return isStillOwed;
        }

        async Task<(DateTimeOffset? Unnoted, bool IsOwed)> LookAsync(HubDbContext db)
        {
            var last = await JobRuns.ListAsync(db, plan.Name, 1, cancellationToken);
            var rung = await JobRuns.LastRungAsync(db, plan.Name, cancellationToken);
            DateTimeOffset? noted = last is [var known] ? NotedUntil(known) : null;
            return (
                why is not null && noted is { } from && plan.NextAfter(from) is { } next && next <= until ? next : null,
                plan.Missed == MissedBell.Once && (rung is { } at ? plan.NextAfter(at) <= until : evenTheFirst || last.Count > 0));
        }
    }

    private Task<JobRun?> RingAsync(BellPlan plan, DateTimeOffset due, string by, Func<HubDbContext, Task<bool>>? isOwed, AuditEntry? entry, CancellationToken cancellationToken) =>
        plan is ScheduleConfiguration schedule ? StartAsync(schedule, due, by, isOwed, entry, cancellationToken) : OweAsync(plan, due, isOwed, entry, cancellationToken);

    private async Task<JobRun?> StartAsync(ScheduleConfiguration schedule, DateTimeOffset due, string by, Func<HubDbContext, Task<bool>>? isOwed, AuditEntry? entry, CancellationToken cancellationToken)
    {
        var rung = Rung(schedule, due, JobOutcome.Started);
        var isNoted = false;
        var (started, refusal) = await starter.StartAsync(
            new RunRequest(schedule.Audience, schedule.Destinations, schedule.Mode, null, by),
            cancellationToken,
            async (db, runs) => isNoted = await AddAsync(db, rung = rung with { RunIds = [.. runs.Select(run => run.RunId)] }, isOwed, entry, cancellationToken));
        if (refusal?.Type == RunRefusal.ConfigBehind)
        {
            return rung with { Outcome = JobOutcome.Refused, Code = refusal.Type, Detail = refusal.Detail }; // not noted: it stays due, and the hub that runs the version in force makes up for it
        }

        if (refusal is not null)
        {
            rung = rung with { Outcome = refusal.Type == RunActive ? JobOutcome.Overlapped : JobOutcome.Refused, Code = refusal.Type, Detail = refusal.Detail };
            isNoted = await AddAsync(rung, isOwed, null, cancellationToken);
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

    private async Task<JobRun?> OweAsync(BellPlan plan, DateTimeOffset due, Func<HubDbContext, Task<bool>>? isOwed, AuditEntry? entry, CancellationToken cancellationToken)
    {
        var rung = Rung(plan, due, JobOutcome.Due);
        if (!await AddAsync(rung, isOwed, entry, cancellationToken))
        {
            return null;
        }

        worker.Wake();
        return rung;
    }

    private JobRun Rung(BellPlan plan, DateTimeOffset due, string outcome) => new(plan.Name, due, time.GetUtcNow(), instance.Name, outcome, null, null, []);

    /// <summary>Up to when a bell of the book says what became of the bells: a note of a missed one speaks for all that were missed when it was written.</summary>
    private static DateTimeOffset NotedUntil(JobRun bell) => bell.Outcome == JobOutcome.Missed && bell.At - BellHanger.Tolerance > bell.DueAt ? bell.At - BellHanger.Tolerance : bell.DueAt;

    private JobRun Missed(BellPlan plan, DateTimeOffset due, string why) => Rung(plan, due, JobOutcome.Missed) with { Code = "schedule_missed", Detail = why };

    private Task<bool> AddAsync(JobRun run, Func<HubDbContext, Task<bool>>? isOwed, AuditEntry? entry, CancellationToken cancellationToken) =>
        transactions.RunAsync((db, _) => AddAsync(db, run, isOwed, entry, cancellationToken), cancellationToken);

    /// <summary>Notes a bell that is owed and, when it was not noted before, who rang it: both stand, or neither.</summary>
    private static async Task<bool> AddAsync(HubDbContext db, JobRun run, Func<HubDbContext, Task<bool>>? isOwed, AuditEntry? entry, CancellationToken cancellationToken)
    {
        if ((isOwed is not null && !await isOwed(db)) || !await JobRuns.AddAsync(db, run, cancellationToken))
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
