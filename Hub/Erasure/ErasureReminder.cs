using IntegrationHub.Hub.Approvals;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Runs;
using IntegrationHub.Hub.Schedules;

namespace IntegrationHub.Hub.Erasure;

/// <summary>Asks once an hour for the pending step of every erasure, and says again what was decided about those that wait for it, so that none waits for a message that was lost. A step may be asked for any number of times.</summary>
internal sealed class ErasureReminder(RunReminder reminder, HeldReminder held) : IHubJob
{
    /// <inheritdoc />
    public BellPlan Plan { get; } = HubJobs.Plan("erasures", "0 10 * * * ?", MissedBell.Once);

    /// <inheritdoc />
    public string Description => "Asks for the pending step of every erasure: suppressing, deleting at destinations and reading back, emptying our own tables.";

    /// <inheritdoc />
    public async Task<string> WorkAsync(CancellationToken cancellationToken)
    {
        await held.RemindErasuresAsync(cancellationToken);
        return await reminder.RemindErasuresAsync(cancellationToken) switch
        {
            0 => "No erasure is at work.",
            1 => "1 erasure was asked for its pending step.",
            var count => $"{count} erasures were asked for their pending steps.",
        };
    }
}
