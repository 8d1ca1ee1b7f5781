using System.Net.Sockets;
using System.Text.Json;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Storage.Alerts;

namespace IntegrationHub.Hub.Alerts;

/// <summary>Tells what is to be told, again and again until it is; any hub does, each message at one at a time.</summary>
internal sealed partial class AlertSender(HubConfiguration configuration, OutboxTransaction transactions, IHttpClientFactory clients, TimeProvider time, ILogger<AlertSender> logger) : BackgroundService
{
    /// <summary>Name of the client that calls out.</summary>
    public const string Client = "alerts";

    /// <summary>How long one attempt may take at most; a message is its taker's for longer.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(20);

    private const int AtOnce = 20;
    private static readonly TimeSpan _turn = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan _look = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan _longestPause = TimeSpan.FromMinutes(10);

    /// <summary>What nobody took for so long, nobody wants to know any more.</summary>
    private static readonly TimeSpan _giveUp = TimeSpan.FromHours(24);

    /// <summary>Tells what is due.</summary>
    /// <returns>How many were tried.</returns>
    internal async Task<int> SendDueAsync(CancellationToken cancellationToken)
    {
        var due = await transactions.RunAsync((db, _) => AlertSends.TakeAsync(db, _turn, AtOnce, cancellationToken), cancellationToken);
        await Task.WhenAll(due.Select(send => SendAsync(send, cancellationToken)));
        return due.Count;
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(_look, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await SendDueAsync(stoppingToken);
            }
            catch (Exception exception) when (!stoppingToken.IsCancellationRequested)
            {
                LogNotLooked("alert_sends", exception.GetType().Name);
            }
        }
    }

    private async Task SendAsync(AlertSend send, CancellationToken cancellationToken)
    {
        var told = configuration.AlertRoutes.FirstOrDefault(route => route.Name == send.Route) is { } route
            ? await TellAsync(route, send, cancellationToken)
            : new AlertTold("route_gone", IsFinal: true);
        if (told.Error is null)
        {
            await transactions.RunAsync((db, _) => AlertSends.DoneAsync(db, send.SendId, cancellationToken), cancellationToken);
            return;
        }

        LogNotTold(send.Route, send.Event, told.Error, send.Attempts);
        TimeSpan? again = told.IsFinal || time.GetUtcNow() - send.At > _giveUp ? null : Pause(send.Attempts);
        await transactions.RunAsync((db, _) => AlertSends.FailedAsync(db, send.SendId, told.Error, again, cancellationToken), cancellationToken);
    }

    private async Task<AlertTold> TellAsync(AlertRoute route, AlertSend send, CancellationToken cancellationToken)
    {
        var message = JsonSerializer.Deserialize<AlertNotice>(send.Body)!;
        using var http = clients.CreateClient(Client);
        using var attempt = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        attempt.CancelAfter(Timeout);
        try
        {
            return route.Kind switch
            {
                AlertRouteKind.Slack => await SlackChannel.TellAsync(http, route, message, attempt.Token),
                AlertRouteKind.Pagerduty => await PagerDutyChannel.TellAsync(http, route, message, attempt.Token),
                AlertRouteKind.Webhook => await WebhookChannel.TellAsync(http, route, message, send.SendId, time.GetUtcNow(), attempt.Token),
                _ => await MailChannel.TellAsync(route, message, send.SendId, attempt.Token),
            };
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new AlertTold("timeout", IsFinal: false);
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException or SocketException or MailKit.ProtocolException or MailKit.Security.SslHandshakeException)
        {
            return new AlertTold(failure.GetType().Name, IsFinal: false);
        }
    }

    private static TimeSpan Pause(int attempts) => TimeSpan.FromSeconds(Math.Min(_longestPause.TotalSeconds, 5 * Math.Pow(2, Math.Min(attempts - 1, 10))));

    [LoggerMessage(2621, LogLevel.Warning, "Route {Name} was not told of an alert ({Event}, {Error}), attempt {Attempts}")]
    private partial void LogNotTold(string name, string @event, string error, int attempts);

    [LoggerMessage(2622, LogLevel.Warning, "Nobody could look for {Name} ({Error}); the next look is in some seconds")]
    private partial void LogNotLooked(string name, string error);
}
