using IntegrationHub.Hub.Configuration;
using Quartz;

namespace IntegrationHub.Hub.Schedules;

/// <summary>Notes bells that Quartz itself could not ring in time.</summary>
internal sealed class MissedBells(HubConfiguration configuration, BellRinger ringer) : ITriggerListener
{
    /// <inheritdoc />
    public string Name => "missed bells";

    /// <inheritdoc />
    public async ValueTask TriggerMisfired(ITrigger trigger, IScheduler scheduler, CancellationToken cancellationToken = default)
    {
        if (trigger.Key.Group == Bell.Group && trigger.NextFireTimeUtc is { } due && configuration.Schedules.TryGetValue(trigger.Key.Name, out var schedule))
        {
            await ringer.MissAsync(schedule, due, "Hubs ran and could not ring it: they were too busy, or the database was away.", cancellationToken);
        }
    }
}
