using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Runs;
using IntegrationHub.Storage.Deliveries;
using Microsoft.Extensions.Options;

namespace IntegrationHub.Hub.Delivery;

/// <summary>
/// Rings for due work that nobody answers (a doorbell was lost, a retry became due, a circuit closed, an instance died) and says again
/// that a run is delivered when a crash swallowed that word.
/// </summary>
internal sealed partial class DoorbellSweeper(
    OutboxTransaction transactions,
    IDeliveryStore deliveries,
    DestinationHealth health,
    Doorbell doorbell,
    IOptions<DeliveryOptions> options,
    TimeProvider time,
    ILogger<DoorbellSweeper> logger) : BackgroundService
{
    private readonly Dictionary<PartitionWithWork, DateTimeOffset> _rung = [];

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.SweepInterval, time);
        var failures = 0;
        if (!options.Value.Sends)
        {
            LogSendsNothing();
        }

        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await SweepAsync(stoppingToken);
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

    internal async Task SweepAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var work = await transactions.ReadAsync(db => deliveries.FindWorkAsync(db, null, now, cancellationToken));
        var live = await transactions.ReadAsync(db => deliveries.FindLiveWorkAsync(db, now, cancellationToken));
        var toRing = new List<PartitionWithWork>();
        foreach (var partition in live.Concat(work))
        {
            if (!Lane.IsPressing(partition.Lane) && _rung.TryGetValue(partition, out var last) && now - last < options.Value.SweepInterval * 2
                || await health.FindBlockAsync(partition.Destination, partition.Lane, cancellationToken) is not null)
            {
                continue;
            }

            _rung[partition] = now;
            toRing.Add(partition);
        }

        await doorbell.RingAsync(options.Value.Sends ? toRing : [], cancellationToken);
        foreach (var run in await transactions.ReadAsync(db => deliveries.FindDrainedRunsAsync(db, cancellationToken)))
        {
            await transactions.RunAsync((_, bus) => RunWord.DeliveredAsync(bus, run.Lane, run.RunId, now, cancellationToken), cancellationToken);
        }
    }

    [LoggerMessage(3961, LogLevel.Warning, "This hub sends nothing (Hub:Delivery:Sends=false): what is owed waits until hubs are started without that setting")]
    private partial void LogSendsNothing();

    [LoggerMessage(1111, LogLevel.Warning, "The doorbell sweeper could not look for work ({Error}), {Failures} times in a row; it goes on trying")]
    private partial void LogFailed(string error, int failures);
}
