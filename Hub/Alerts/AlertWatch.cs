using System.Text.Json;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Diagnosis;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Storage.Alerts;
using IntegrationHub.Storage.Watch;

namespace IntegrationHub.Hub.Alerts;

/// <summary>Looks twice a minute, one hub of all, at what stands still and which goals are missed, and brings the book of alerts up to date with it.</summary>
internal sealed partial class AlertWatch(HubConfiguration configuration, OutboxTransaction transactions, TimeProvider time, ILogger<AlertWatch> logger) : BackgroundService
{
    private const string Duty = "alerts";
    private static readonly TimeSpan _every = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan _look = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan _window = TimeSpan.FromMinutes(10);

    /// <summary>What has not held at two looks is over.</summary>
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(50);

    /// <summary>Looks once, whoever else does.</summary>
    /// <returns>What changed.</returns>
    internal async Task<IReadOnlyList<AlertChange>> LookAsync(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var situation = await transactions.ReadAsync(db => Situations.ReadAsync(db, now, cancellationToken));
        var window = await transactions.ReadAsync(db => DeliveryMinutes.SumAsync(db, now - _window, cancellationToken));
        var worst = await transactions.ReadAsync(db => DeliveryMinutes.WorstCodesAsync(db, now - _window, cancellationToken));
        var alarms = AlertRules.Of([.. Diagnoser.Explain(situation), .. OverdueBells.Explain(situation, configuration.Schedules.Values)], now);
        alarms = [.. alarms, .. GoalRules.Of(configuration.Slo, situation, window, worst, AlertRules.Late(alarms))];
        var changes = await transactions.RunAsync(
            async (db, _) =>
            {
                var changed = await AlertBook.UpdateAsync(db, alarms, now, _patience, cancellationToken);
                foreach (var change in changed)
                {
                    var body = JsonSerializer.Serialize(AlertNotice.Of(change));
                    foreach (var route in configuration.AlertRoutes.Where(route => route.Takes(change.Alert.What.Severity, change.Alert.What.Destination)))
                    {
                        await AlertSends.AddAsync(db, change.Alert.AlertId, route.Name, change.Event, body, cancellationToken);
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
        using var timer = new PeriodicTimer(_look, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                if (await transactions.RunAsync((db, _) => WatchTurns.TryTakeAsync(db, Duty, _every, stoppingToken), stoppingToken))
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

    [LoggerMessage(2611, LogLevel.Warning, "Alert {Name}: {Event}, {Severity}, {Code}")]
    private partial void LogChanged(string name, string @event, string severity, string code);

    [LoggerMessage(2612, LogLevel.Warning, "Nobody could look for {Name} ({Error}); the next look is in some seconds")]
    private partial void LogFailed(string name, string error);
}
