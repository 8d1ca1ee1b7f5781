using Quartz;

namespace IntegrationHub.Hub.Schedules;

/// <summary>Notes bells that Quartz itself could not ring in time.</summary>
internal sealed class MissedBells(BellTower tower, BellRinger ringer) : ITriggerListener
{
    /// <inheritdoc />
    public string Name => "missed bells";

    /// <inheritdoc />
    public async ValueTask TriggerMisfired(ITrigger trigger, IScheduler scheduler, CancellationToken cancellationToken = default)
    {
        if (trigger.NextFireTimeUtc is { } due && tower.Find(trigger.Key.Group, trigger.Key.Name) is { } plan)
        {
            await ringer.MissAsync(plan, due, "Hubs ran and could not ring it: they were too busy, or the database was away.", cancellationToken);
        }
    }
}
