using System.Text.Json;
using IntegrationHub.Hub.Configuration;

namespace IntegrationHub.Hub.Alerts;

/// <summary>Tells one message along one route, once.</summary>
internal sealed class AlertTeller(IHttpClientFactory clients, TimeProvider time)
{
    /// <summary>Name of the client that calls out.</summary>
    public const string Client = "alerts";

    /// <summary>How long one attempt may take at most.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(20);

    /// <summary>Tells.</summary>
    /// <param name="route">Whom.</param>
    /// <param name="body">An <see cref="AlertNotice"/> as JSON.</param>
    /// <param name="id">Name of the message, the same at every attempt.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    public async Task<AlertTold> TellAsync(AlertRoute route, string body, string id, CancellationToken cancellationToken)
    {
        using var http = clients.CreateClient(Client);
        using var attempt = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        attempt.CancelAfter(Timeout);
        try
        {
            var message = JsonSerializer.Deserialize<AlertNotice>(body)!;
            return route.Kind switch
            {
                AlertRouteKind.Slack => await SlackChannel.TellAsync(http, route, message, time.GetUtcNow(), attempt.Token),
                AlertRouteKind.Pagerduty => await PagerDutyChannel.TellAsync(http, route, message, time.GetUtcNow(), attempt.Token),
                AlertRouteKind.Webhook => await WebhookChannel.TellAsync(http, route, message, id, time.GetUtcNow(), attempt.Token),
                _ => await MailChannel.TellAsync(route, message, id, attempt.Token),
            };
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new AlertTold("timeout");
        }
        catch (Exception failure) when (!cancellationToken.IsCancellationRequested)
        {
            return new AlertTold(failure.GetType().Name); // whatever it is: what is to be told is tried again, with growing pauses and to its end
        }
    }
}
