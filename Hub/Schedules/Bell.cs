using IntegrationHub.Hub.Configuration;
using Quartz;

namespace IntegrationHub.Hub.Schedules;

/// <summary>What Quartz calls at the time of a schedule, or of a job of the hub's own. It rings and is done; the runs are followed like any others, the jobs are done by whichever hub is free.</summary>
[DisallowConcurrentExecution]
internal sealed class Bell(BellTower tower, BellRinger ringer) : IJob
{
    /// <summary>Group of the jobs and triggers that are made of <c>schedules.yaml</c>.</summary>
    public const string Group = "schedules";

    /// <summary>Group of those of the hub's own.</summary>
    public const string OwnGroup = "hub";

    /// <inheritdoc />
    public async ValueTask Execute(IJobExecutionContext context, CancellationToken cancellationToken)
    {
        // Another hub may know schedules that this one's configuration does not have, and jobs of another version.
        if (tower.Find(context.JobDetail.Key.Group, context.JobDetail.Key.Name) is { } plan)
        {
            var due = context.ScheduledFireTimeUtc ?? context.FireTimeUtc;
            await (plan.Missed == MissedBell.Once && !plan.RingsAt(due)
                ? ringer.MakeUpAsync(plan, due, null, true, cancellationToken) // Quartz makes up for what it missed, and may not be the only one
                : ringer.RingAsync(plan, due, By(plan.Name), cancellationToken));
        }
    }

    /// <summary>Who asked for the runs of a schedule.</summary>
    public static string By(string schedule) => $"schedule:{schedule}";
}
