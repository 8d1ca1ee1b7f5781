using IntegrationHub.Hub.Configuration;
using Quartz;

namespace IntegrationHub.Hub.Schedules;

/// <summary>
/// Tells Quartz the schedules and the hub's own jobs when the hub starts: those that are new or changed are hung, schedules that are gone are taken down, the others are left as they
/// are, for another hub may be about to ring them. What was missed while no hub was there is made up for.
/// </summary>
internal sealed class BellHanger(HubConfiguration configuration, HubJobs jobs, ISchedulerFactory schedulers, BellRinger ringer, TimeProvider time) : IHostedService
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

        foreach (var (plan, group) in configuration.Schedules.Values.Select(plan => ((BellPlan)plan, Bell.Group)).Concat(jobs.Plans.Select(plan => (plan, Bell.OwnGroup))))
        {
            await MakeUpAsync(plan, group == Bell.OwnGroup, cancellationToken);
            var trigger = TriggerOf(plan, group);
            if (await scheduler.GetTrigger(trigger.Key, cancellationToken) is not ICronTrigger hung || !IsSame(hung, (ICronTrigger)trigger))
            {
                await scheduler.ScheduleJob(JobBuilder.Create<Bell>().WithIdentity(plan.Name, group).RequestRecovery().Build(), [trigger], new ScheduleJobOptions { Replace = true }, cancellationToken);
            }
        }
    }

    /// <inheritdoc />
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private ITrigger TriggerOf(BellPlan plan, string group) => TriggerBuilder.Create(time).WithIdentity(plan.Name, group).ForJob(plan.Name, group)
        .WithCronSchedule(plan.Cron, cron => cron
            .InTimeZone(plan.TimeZone)
            .WithMisfireInstruction(plan.Missed == MissedBell.Once ? CronTriggerMisfireInstruction.FireAndProceed : CronTriggerMisfireInstruction.DoNothing))
        .Build();

    private static bool IsSame(ICronTrigger one, ICronTrigger other) =>
        one.CronExpressionString == other.CronExpressionString && one.TimeZone.Id == other.TimeZone.Id && one.MisfireInstruction == other.MisfireInstruction;

    private Task MakeUpAsync(BellPlan plan, bool isOwn, CancellationToken cancellationToken)
    {
        var what = (plan.Missed, isOwn) switch
        {
            (MissedBell.Once, _) => "It is done now.",
            (_, true) => "It is done at its next time.",
            _ => "Start the runs by hand where they are wanted: 'schedules ring NAME'.",
        };
        // A hub that nobody started before has not done its own jobs for ever.
        return ringer.MakeUpAsync(plan, time.GetUtcNow() - Tolerance, $"No hub ran at its time, nor at those since, if any. {what}", isOwn, cancellationToken);
    }
}
