using IntegrationHub.Hub.Delivery;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Storage.Backfills;
using Microsoft.Extensions.Options;

namespace IntegrationHub.Hub.Backfills.Pace;

/// <summary>
/// Gives runs whose window is over their next one. A window stands with the run as two instants, by which the claim of every hub goes on the database's clock; until somebody has found the
/// next one, the run stays closed. Every hub looks; they find the same.
/// </summary>
internal sealed partial class WindowKeeper(OutboxTransaction transactions, IOptions<DeliveryOptions> options, TimeProvider time, ILogger<WindowKeeper> logger) : BackgroundService
{
    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.SweepInterval, time);
        var failures = 0;
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await TurnAsync(stoppingToken);
                failures = 0;
            }
            catch (Exception exception) when (exception is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
            {
                if (++failures is 1 or 30)
                {
                    LogFailed(exception.GetType().Name, failures);
                }
            }
        }
    }

    /// <summary>Looks once.</summary>
    internal async Task TurnAsync(CancellationToken cancellationToken)
    {
        foreach (var over in await transactions.ReadAsync(db => BackfillGate.FindOverAsync(db, cancellationToken)))
        {
            var next = DeliveryWindows.Of(over.Windows)?.At(over.Now);
            await transactions.RunAsync((db, _) => BackfillGate.TurnAsync(db, over, next?.Opens, next?.Closes, cancellationToken), cancellationToken);
            if (next is { } window)
            {
                LogTurned(over.RunId, window.Opens, window.Closes);
            }
        }
    }

    [LoggerMessage(2801, LogLevel.Information, "Backfill {RunId}: its window is over, the next one opens at {Opens:u} and closes at {Closes:u}")]
    private partial void LogTurned(Guid runId, DateTimeOffset opens, DateTimeOffset closes);

    [LoggerMessage(2802, LogLevel.Warning, "The windows of backfills could not be looked after ({Error}), {Failures} times in a row; runs whose window is over stay closed meanwhile")]
    private partial void LogFailed(string error, int failures);
}
