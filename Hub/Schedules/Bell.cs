using IntegrationHub.Hub.Configuration;
using Quartz;

namespace IntegrationHub.Hub.Schedules;

/// <summary>What Quartz calls at the time of a schedule. It rings and is done; the runs are followed like any others.</summary>
[DisallowConcurrentExecution]
internal sealed class Bell(HubConfiguration configuration, BellRinger ringer) : IJob
{
    /// <summary>Group of the jobs and triggers that are made of <c>schedules.yaml</c>.</summary>
    public const string Group = "schedules";

    /// <inheritdoc />
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken)
    {
        // Another hub may know schedules that this one's configuration does not have.
        if (configuration.Schedules.TryGetValue(context.JobDetail.Key.Name, out var schedule))
        {
            await ringer.RingAsync(schedule, context.ScheduledFireTimeUtc ?? context.FireTimeUtc, By(schedule), cancellationToken);
        }
    }

    /// <summary>Who asked for the runs of a schedule.</summary>
    public static string By(ScheduleConfiguration schedule) => $"schedule:{schedule.Name}";
}
