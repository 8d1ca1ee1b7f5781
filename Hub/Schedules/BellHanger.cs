using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Storage.Schedules;
using Quartz;

namespace IntegrationHub.Hub.Schedules;

/// <summary>
/// Tells Quartz the schedules when the hub starts: those that are new or changed are hung, those that are gone are taken down, the others are left as they are, for another
/// hub may be about to ring them. What was missed while no hub was there is noted.
/// </summary>
internal sealed class BellHanger(HubConfiguration configuration, ISchedulerFactory schedulers, BellRinger ringer, OutboxTransaction transactions, TimeProvider time) : IHostedService
{
    /// <summary>A bell may ring so late without being missed: hubs take turns, and are busy.</summary>
    public static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(1);

    /// <inheritdoc />
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var scheduler = await schedulers.GetScheduler(cancellationToken);
        foreach (var key in await scheduler.GetJobKeys(GroupMatcher<JobKey>.GroupEquals(Bell.Group), cancellationToken))
        {
            if (!configuration.Schedules.ContainsKey(key.Name))
            {
                await scheduler.DeleteJob(key, cancellationToken);
            }
        }

        foreach (var schedule in configuration.Schedules.Values)
        {
            await NoteMissedAsync(schedule, cancellationToken);
            var trigger = TriggerOf(schedule);
            if (await scheduler.GetTrigger(trigger.Key, cancellationToken) is not ICronTrigger hung || !IsSame(hung, (ICronTrigger)trigger))
            {
                await scheduler.ScheduleJob(JobBuilder.Create<Bell>().WithIdentity(schedule.Name, Bell.Group).RequestRecovery().Build(), [trigger], new ScheduleJobOptions { Replace = true }, cancellationToken);
            }
        }
    }

    /// <inheritdoc />
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private ITrigger TriggerOf(ScheduleConfiguration schedule) => TriggerBuilder.Create(time).WithIdentity(schedule.Name, Bell.Group).ForJob(schedule.Name, Bell.Group)
        .WithCronSchedule(schedule.Cron, cron => cron
            .InTimeZone(schedule.TimeZone)
            .WithMisfireInstruction(schedule.Missed == MissedBell.Once ? CronTriggerMisfireInstruction.FireAndProceed : CronTriggerMisfireInstruction.DoNothing))
        .Build();

    private static bool IsSame(ICronTrigger one, ICronTrigger other) =>
        one.CronExpressionString == other.CronExpressionString && one.TimeZone.Id == other.TimeZone.Id && one.MisfireInstruction == other.MisfireInstruction;

    private async Task NoteMissedAsync(ScheduleConfiguration schedule, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var last = await transactions.ReadAsync(db => JobRuns.ListAsync(db, schedule.Name, 1, cancellationToken));
        if (last is not [{ DueAt: var known }] || schedule.NextAfter(known) is not { } first || first > now - Tolerance)
        {
            return;
        }

        await ringer.MissAsync(schedule, first, "No hub ran at its time, nor at those since, if any. Start the runs by hand where they are wanted: 'schedules ring NAME'.", cancellationToken);
        if (schedule.Missed == MissedBell.Once)
        {
            await ringer.RingAsync(schedule, now, Bell.By(schedule), cancellationToken);
        }
    }
}
