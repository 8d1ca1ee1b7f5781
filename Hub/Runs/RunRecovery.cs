using IntegrationHub.Hub.Approvals;
using IntegrationHub.Hub.Delivery;
using MassTransit;

namespace IntegrationHub.Hub.Runs;

/// <summary>
/// Says again, once at start, what was asked for and does not stand, and reminds every run that is not over of its pending step, and of what was decided about it: the in-memory bus forgets what it carried when the process dies. The
/// run itself knows which step that is. A database or broker that stumbles is waited for; the hub serves meanwhile.
/// </summary>
internal sealed partial class RunRecovery(AskedReminder asked, RunReminder reminder, HeldReminder held, IBusControl bus, TimeProvider time, ILogger<RunRecovery> logger) : BackgroundService
{
    private static readonly TimeSpan _firstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _longestPause = TimeSpan.FromMinutes(1);

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        for (var attempt = 1; !stoppingToken.IsCancellationRequested; attempt++)
        {
            try
            {
                await bus.WaitForHealthStatus(BusHealthStatus.Healthy, stoppingToken);
                await asked.RemindAsync(stoppingToken);
                await reminder.RemindAsync(null, stoppingToken);
                await held.RemindAsync(stoppingToken);
                return;
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                var pause = RetrySchedule.Delay(_firstPause, _longestPause, attempt, Random.Shared.NextDouble());
                LogStumbled(exception.GetType().Name, attempt, pause.TotalSeconds);
                await Task.Delay(pause, time, stoppingToken);
            }
        }
    }

    [LoggerMessage(1262, LogLevel.Warning, "Runs that were not over at the start could not be reminded ({Error}, attempt {Attempt}); trying again in {Seconds:0.0} s")]
    private partial void LogStumbled(string error, int attempt, double seconds);
}
