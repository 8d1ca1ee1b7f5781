using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Hub.Delivery;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Storage.Runs;
using MassTransit;

namespace IntegrationHub.Hub.Runs;

/// <summary>
/// Reminds, once at start, every run that is not over of its pending step: the in-memory bus forgets what it carried when the process dies. The
/// run itself knows which step that is. A database or broker that stumbles is waited for; the hub serves meanwhile.
/// </summary>
internal sealed partial class RunRecovery(OutboxTransaction transactions, IRunStore runs, IBusControl bus, TimeProvider time, ILogger<RunRecovery> logger) : BackgroundService
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
                await RemindAsync(stoppingToken);
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

    private async Task RemindAsync(CancellationToken cancellationToken)
    {
        foreach (var runId in await transactions.ReadAsync(db => runs.ListAtWorkAsync(db, cancellationToken)))
        {
            LogReminding(runId);
            await bus.Publish(new RemindAudienceSync { RunId = runId, At = time.GetUtcNow() }, cancellationToken);
        }
    }

    [LoggerMessage(1261, LogLevel.Information, "Run {RunId}: was not over when this instance started; it asks for its pending step again")]
    private partial void LogReminding(Guid runId);

    [LoggerMessage(1262, LogLevel.Warning, "Runs that were not over at the start could not be reminded ({Error}, attempt {Attempt}); trying again in {Seconds:0.0} s")]
    private partial void LogStumbled(string error, int attempt, double seconds);
}
