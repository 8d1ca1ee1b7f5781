using System.Globalization;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Diagnosis;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Storage.Alerts;
using Microsoft.Extensions.Options;

namespace IntegrationHub.Hub.Alerts;

/// <summary>Tells what is to be told, again and again until it is; any hub that has the route does, each message at one at a time.</summary>
internal sealed partial class AlertSender(HubConfiguration configuration, OutboxTransaction transactions, AlertTeller teller, IOptions<WatchOptions> options, TimeProvider time, ILogger<AlertSender> logger) : BackgroundService
{
    private const int AtOnce = 20;

    /// <summary>Longer than <see cref="AlertTeller.Timeout"/>: who has a message up tells it, or is dead.</summary>
    private static readonly TimeSpan _turn = TimeSpan.FromMinutes(1);
    private const int LooksPerLook = 15;
    private static readonly TimeSpan _longestPause = TimeSpan.FromMinutes(10);

    /// <summary>What nobody took for so long, nobody wants to know any more.</summary>
    private static readonly TimeSpan _giveUp = TimeSpan.FromHours(24);

    /// <summary>A route that no hub has for longer than hubs run different configurations beside each other was taken out of the file.</summary>
    private static readonly TimeSpan _goneAfter = TimeSpan.FromHours(1);

    /// <summary>Tells what is due along every route.</summary>
    internal async Task SendDueAsync(CancellationToken cancellationToken) => await Task.WhenAll((await DueAsync(cancellationToken)).Select(route => SendDueAsync(route, cancellationToken)));

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var underWay = new Dictionary<string, Task>(StringComparer.Ordinal);
        using var timer = new PeriodicTimer(options.Value.Look / LooksPerLook, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                // A receiver that takes its time holds up no other.
                foreach (var route in (await DueAsync(stoppingToken)).Where(route => underWay.GetValueOrDefault(route.Name) is null or { IsCompleted: true }))
                {
                    underWay[route.Name] = SendDueAsync(route, stoppingToken);
                }
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                LogNotLooked("alert_sends", exception.GetType().Name);
            }
        }
    }

    /// <summary>This hub's routes along which something is due. What is along others waits for a hub that has them.</summary>
    private async Task<IReadOnlyList<AlertRoute>> DueAsync(CancellationToken cancellationToken)
    {
        var due = (await transactions.ReadAsync(db => AlertSends.DueRoutesAsync(db, cancellationToken))).ToLookup(name => configuration.AlertRoutes.FirstOrDefault(route => route.Name == name));
        foreach (var name in due[null])
        {
            await transactions.RunAsync((db, _) => AlertSends.AbandonAsync(db, name, _goneAfter, cancellationToken), cancellationToken);
        }

        return [.. due.Select(route => route.Key).OfType<AlertRoute>()];
    }

    private async Task SendDueAsync(AlertRoute route, CancellationToken cancellationToken)
    {
        try
        {
            var due = await transactions.RunAsync((db, _) => AlertSends.TakeAsync(db, route.Name, _turn, AtOnce, cancellationToken), cancellationToken);
            await Task.WhenAll(due.Select(send => SendAsync(route, send, cancellationToken)));
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            LogNotLooked(route.Name, exception.GetType().Name);
        }
    }

    private async Task SendAsync(AlertRoute route, AlertSend send, CancellationToken cancellationToken)
    {
        var told = await teller.TellAsync(route, send.Body, send.SendId.ToString(CultureInfo.InvariantCulture), cancellationToken);
        if (told.Error is null)
        {
            await transactions.RunAsync((db, _) => AlertSends.DoneAsync(db, send.SendId, cancellationToken), cancellationToken);
            return;
        }

        LogNotTold(send.Route, send.Event, told.Error, send.Attempts);
        TimeSpan? again = time.GetUtcNow() - send.At > _giveUp ? null : Pause(send.Attempts, told.RetryAfter);
        await transactions.RunAsync((db, _) => AlertSends.FailedAsync(db, send.SendId, told.Error, again, cancellationToken), cancellationToken);
    }

    /// <summary>Growing pauses, and no shorter ones than a receiver asks for.</summary>
    private static TimeSpan Pause(int attempts, TimeSpan? asked) =>
        TimeSpan.FromSeconds(Math.Min(_longestPause.TotalSeconds, Math.Max(asked?.TotalSeconds ?? 0, 5 * Math.Pow(2, Math.Min(attempts - 1, 10)))));

    [LoggerMessage(2621, LogLevel.Warning, "Route {Name} was not told of an alert ({Event}, {Error}), attempt {Attempts}")]
    private partial void LogNotTold(string name, string @event, string error, int attempts);

    [LoggerMessage(2622, LogLevel.Warning, "Nobody could look for {Name} ({Error}); the next look is in some seconds")]
    private partial void LogNotLooked(string name, string error);
}
