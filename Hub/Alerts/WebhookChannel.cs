using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using IntegrationHub.Hub.Configuration;

namespace IntegrationHub.Hub.Alerts;

/// <summary>
/// A call that is signed as Standard Webhooks says: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md. The id is the same at every attempt, so that
/// a receiver can tell a repeat. While a secret is replaced it is signed with the old and the new one.
/// </summary>
internal static class WebhookChannel
{
    public static async Task<AlertTold> TellAsync(HttpClient http, AlertRoute route, AlertNotice message, string name, DateTimeOffset now, CancellationToken cancellationToken)
    {
        byte[][] keys = [.. route.Secrets.Select(secret => secret.Read()).OfType<string>().Select(StandardWebhooksSecret.KeyOf).OfType<byte[]>()];
        if (keys.Length == 0)
        {
            return AlertTold.SecretMissing;
        }

        var id = $"alert_{name}";
        var timestamp = now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var body = JsonSerializer.Serialize(new { type = $"alert.{message.Event}", timestamp = message.At, data = message });
        using var request = new HttpRequestMessage(HttpMethod.Post, route.Url) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.Add("webhook-id", id);
        request.Headers.Add("webhook-timestamp", timestamp);
        request.Headers.Add("webhook-signature", string.Join(' ', keys.Select(key => Sign(key, id, timestamp, body))));
        using var answer = await http.SendAsync(request, cancellationToken);
        return AlertTold.Of(answer, now);
    }

    /// <summary>The signature of a message.</summary>
    internal static string Sign(byte[] key, string id, string timestamp, string body) => $"v1,{Convert.ToBase64String(HMACSHA256.HashData(key, Encoding.UTF8.GetBytes($"{id}.{timestamp}.{body}")))}";
}
