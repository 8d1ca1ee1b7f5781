using System.Net.Http.Json;
using IntegrationHub.Hub.Configuration;

namespace IntegrationHub.Hub.Alerts;

/// <summary>
/// An incoming webhook of Slack: https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks. Slack cannot tell a repeat: what it answers nothing to may appear twice.
/// </summary>
internal static class SlackChannel
{
    public static async Task<AlertTold> TellAsync(HttpClient http, AlertRoute route, AlertNotice message, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (route.Secret?.Read() is not { } address || !Uri.TryCreate(address, UriKind.Absolute, out var url))
        {
            return AlertTold.SecretMissing;
        }

        using var answer = await http.PostAsJsonAsync(url, new { text = $"*{Escape(message.Title)}*\n{Escape(message.Text)}" }, cancellationToken);
        return AlertTold.Of(answer, now);
    }

    /// <summary>Only these three mean something to Slack (https://docs.slack.dev/messaging/formatting-message-text#escaping).</summary>
    private static string Escape(string text) => text.Replace("&", "&amp;", StringComparison.Ordinal).Replace("<", "&lt;", StringComparison.Ordinal).Replace(">", "&gt;", StringComparison.Ordinal);
}
