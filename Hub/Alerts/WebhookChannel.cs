using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using IntegrationHub.Hub.Configuration;

namespace IntegrationHub.Hub.Alerts;

/// <summary>
/// A call that is signed as Standard Webhooks says: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md. The id is the same at every attempt, so that
/// a receiver can tell a repeat.
/// </summary>
internal static class WebhookChannel
{
    public static async Task<AlertTold> TellAsync(HttpClient http, AlertRoute route, AlertNotice message, long sendId, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (route.Secret?.Read() is not { } secret || StandardWebhooksSecret.KeyOf(secret) is not { } key)
        {
            return new AlertTold("secret_missing", IsFinal: false);
        }

        var id = $"alert_{sendId.ToString(CultureInfo.InvariantCulture)}";
        var timestamp = now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var body = JsonSerializer.Serialize(new { type = $"alert.{message.Event}", timestamp = now, data = message });
        using var request = new HttpRequestMessage(HttpMethod.Post, route.Url) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.Add("webhook-id", id);
        request.Headers.Add("webhook-timestamp", timestamp);
        request.Headers.Add("webhook-signature", Sign(key, id, timestamp, body));
        using var answer = await http.SendAsync(request, cancellationToken);
        return AlertTold.Of(answer);
    }

    /// <summary>The signature of a message.</summary>
    internal static string Sign(byte[] key, string id, string timestamp, string body) => $"v1,{Convert.ToBase64String(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes($"{id}.{timestamp}.{body}")))}";
}
