namespace MassTransit.EntityFrameworkCoreIntegration.Scheduling;

/// <summary>Where schedules are written. A consume context whose work commits in one transaction is one.</summary>
internal interface ISchedule
{
    /// <summary>Stores the message.</summary>
    Task ScheduleAsync(ScheduledEnvelope message, CancellationToken cancellationToken);

    /// <summary>Removes the message, if it is still there.</summary>
    Task CancelAsync(Guid tokenId, CancellationToken cancellationToken);
}
