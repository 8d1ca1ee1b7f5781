using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace MassTransit.EntityFrameworkCoreIntegration.Delivery;

/// <summary>
/// A loop that works while there is work, waits for a signal or the polling interval while there is none, and pauses
/// longer and longer while the database or the bus is away. Nothing ends it but the host.
/// </summary>
internal abstract partial class DeliveryLoop(WakeUpSignal signal, TimeProvider clock, ILogger logger) : BackgroundService
{
    private static readonly TimeSpan _firstPause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan _longestPause = TimeSpan.FromSeconds(10);

    protected static readonly TimeSpan BusCheckInterval = TimeSpan.FromMilliseconds(250);

    /// <summary>True when the loop needs the bus; then it rests while the bus is not ready.</summary>
    protected abstract bool IsReady { get; }

    /// <summary>Does what there is to do and returns how long to wait for more; zero to go on at once.</summary>
    protected abstract Task<TimeSpan> WorkAsync(CancellationToken stoppingToken);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        var backoff = new Backoff(_firstPause, _longestPause);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (!IsReady)
                {
                    await Task.Delay(BusCheckInterval, clock, stoppingToken);
                    continue;
                }

                signal.Reset();
                var wait = await WorkAsync(stoppingToken);
                backoff.Succeeded();
                await signal.WaitAsync(wait, clock, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // The loop must outlive every failure of the database.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                var pause = backoff.Failed();
                Log.Failed(logger, exception, GetType().Name, pause);
                await Task.Delay(pause, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "{Loop} failed, trying again in {Pause}")]
        public static partial void Failed(ILogger logger, Exception exception, string loop, TimeSpan pause);
    }
}
