using IntegrationHub.Hub.Alerts;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Destinations.Quota;
using IntegrationHub.Hub.Diagnosis;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Storage.Alerts;
using IntegrationHub.Storage.DeadLetters;
using IntegrationHub.Storage.Paging;
using IntegrationHub.Storage.Quotas;
using IntegrationHub.Storage.Watch;
using Microsoft.Extensions.Options;

namespace IntegrationHub.Hub.Observability;

/// <summary>Reads twice a minute what the gauges show. Each hub reads for itself, so that one which is scraped tells what holds now, whoever looks for alarms.</summary>
internal sealed partial class MetricWatch(GaugeBoard board, DestinationDirectory destinations, OutboxTransaction transactions, IQuotaStore quotas, IOptions<WatchOptions> options, TimeProvider time, ILogger<MetricWatch> logger)
    : BackgroundService
{
    private const int MostAlerts = 1_000;

    /// <summary>Looks once.</summary>
    internal async Task LookAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        try
        {
            var situation = await transactions.ReadAsync(db => Situations.ReadAsync(db, now, cancellationToken));
            var letters = await transactions.ReadAsync(db => LetterGroups.CountWaitingAsync(db, cancellationToken));
            var alerts = await transactions.ReadAsync(db => AlertBook.ListAsync(db, all: false, new PageAsk(Limit: MostAlerts), now, cancellationToken));
            var readings = new List<Reading>(SharedReadings.Of(situation, [.. destinations.All.Select(destination => destination.Name)]));
            readings.AddRange(SharedReadings.OfAlerts(alerts.Items));
            foreach (var destination in destinations.All)
            {
                var shared = SharedQuota.Parse(await transactions.ReadAsync(db => quotas.FindAsync(db, destination.Name, cancellationToken)));
                readings.AddRange(SharedReadings.OfQuota(destination.Name, shared, destination.Quota.Limits, now));
                readings.Add(new Reading(HubMetrics.DeadLetters, letters.GetValueOrDefault(destination.Name), destination.Name));
            }

            board.Show(readings);
        }
        catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
        {
            board.Forget(new Reading(HubMetrics.DatabaseUp, DatabaseWatch.IsOutage(failure) ? 0 : 1));
            LogFailed(nameof(HubMetrics), failure.GetType().Name);
        }
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.Look, time);
        do
        {
            await LookAsync(stoppingToken);
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    [LoggerMessage(3670, LogLevel.Warning, "Nobody could read what {Name} show ({Error}); they are not a number until the next look")]
    private partial void LogFailed(string name, string error);
}
