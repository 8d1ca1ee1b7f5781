using System.Text.Json;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Diagnosis;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Schedules;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Alerts;
using IntegrationHub.Storage.Watch;
using Microsoft.Extensions.Options;

namespace IntegrationHub.Hub.Alerts;

/// <summary>Looks twice a minute, one hub of all, at what stands still and which goals are missed, and brings the book of alerts up to date with it.</summary>
internal sealed partial class AlertWatch(HubConfiguration configuration, DestinationDirectory destinations, BellTower tower, OutboxTransaction transactions, IOptions<WatchOptions> options, TimeProvider time, ILogger<AlertWatch> logger) : BackgroundService
{
    private const string Duty = "alerts";
    private const int RowsToFold = 1_000;
    private static readonly TimeSpan _window = TimeSpan.FromMinutes(10);

    /// <summary>Looks once, whoever else does.</summary>
    /// <returns>What changed.</returns>
    internal async Task<IReadOnlyList<AlertChange>> LookAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var situation = await transactions.ReadAsync(db => Situations.ReadAsync(db, now, cancellationToken));
        var window = await transactions.ReadAsync(db => DeliveryMinutes.SumAsync(db, now - _window, cancellationToken));
        var worst = await transactions.ReadAsync(db => DeliveryMinutes.WorstCodesAsync(db, now - _window, cancellationToken));
        var alarms = AlertRules.Of([.. Diagnoser.Explain(situation), .. OverdueBells.Explain(situation, tower.Plans), .. CanaryDiagnoser.Explain(situation, configuration.Canaries), .. EndingDiagnoser.Explain(situation, destinations.Retirements), .. FieldDiagnoser.Explain(situation, destinations.WrittenFields)], now);
        alarms = [.. alarms, .. GoalRules.Of(configuration.Slo, situation, window, worst, AlertRules.Late(alarms))];
        await transactions.RunAsync((db, _) => PendingTallies.FoldAsync(db, RowsToFold, cancellationToken), cancellationToken);
        var changes = await transactions.RunAsync(
            async (db, _) =>
            {
                var changed = await AlertBook.UpdateAsync(db, alarms, now, options.Value.Patience, cancellationToken);
                foreach (var change in changed)
                {
                    var body = JsonSerializer.Serialize(AlertNotice.Of(change));
                    foreach (var route in await RoutesOfAsync(db, change, cancellationToken))
                    {
                        await AlertSends.AddAsync(db, change.Alert.AlertId, route, change.Event, body, cancellationToken);
                    }
                }

                return changed;
            },
            cancellationToken);
        foreach (var change in changes)
        {
            LogChanged(change.Alert.What.Cause, change.Event, change.Alert.What.Severity, change.Alert.What.Code);
        }

        return changes;
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.Look / 3, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                if (await transactions.RunAsync((db, _) => WatchTurns.TryTakeAsync(db, Duty, options.Value.Look, stoppingToken), stoppingToken))
                {
                    await LookAsync(stoppingToken);
                }
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                LogFailed(Duty, exception.GetType().Name);
            }
        }
    }

    /// <summary>Who takes what is so urgent; that it is over hears whoever heard that it is not, however urgent it was last.</summary>
    private async Task<IReadOnlyList<string>> RoutesOfAsync(HubDbContext db, AlertChange change, CancellationToken cancellationToken) => change.Event == AlertChange.Resolve
        ? await AlertSends.ToldRoutesAsync(db, change.Alert.AlertId, cancellationToken)
        : [.. configuration.AlertRoutes.Where(route => route.Takes(change.Alert.What.Severity, change.Alert.What.Destination)).Select(route => route.Name)];

    [LoggerMessage(2611, LogLevel.Warning, "Alert {Name}: {Event}, {Severity}, {Code}")]
    private partial void LogChanged(string name, string @event, string severity, string code);

    [LoggerMessage(2612, LogLevel.Warning, "Nobody could look for {Name} ({Error}); the next look is in some seconds")]
    private partial void LogFailed(string name, string error);
}
