using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using IntegrationHub.Hub.Configuration;

namespace IntegrationHub.Hub.Intake.Webhooks.Signatures;

/// <summary>HubSpot's signatures: https://developers.hubspot.com/docs/apps/developer-platform/build-apps/authentication/request-validation.</summary>
internal static partial class HubSpotSignature
{
    private const string Time = "X-HubSpot-Request-Timestamp";
    private const string V1 = "X-HubSpot-Signature";

    /// <summary>Why the call is not proven, or null.</summary>
    /// <param name="signature">The scheme.</param>
    /// <param name="publicUrl">The address as HubSpot calls it, without its query; null where only version 1 is expected.</param>
    /// <param name="call">The call.</param>
    /// <param name="secrets">Any of them may have signed.</param>
    /// <param name="now">The hub's time.</param>
    public static SignatureDefect? Find(SignatureSection signature, Uri? publicUrl, WebhookCall call, IReadOnlyList<string> secrets, DateTimeOffset now)
    {
        if (call.Header(signature.Header) is not { } given)
        {
            return signature.AllowsV1 ? FindV1(call, secrets) : SignatureDefect.Missing(signature.Header);
        }

        if (call.Header(Time) is not { } timestamp)
        {
            return SignatureDefect.Missing(Time);
        }

        if (SignedTime.Find(timestamp, Time, 1, signature.Tolerance, now) is { } late)
        {
            return late;
        }

        var bytes = new byte[given.Length];
        if (!Convert.TryFromBase64String(given, bytes, out var length))
        {
            return SignatureDefect.Malformed(signature.Header);
        }

        var address = Escaped().Replace(publicUrl?.OriginalString + call.Query, escape => Uri.UnescapeDataString(escape.Value));
        byte[] signed = [.. Encoding.UTF8.GetBytes(call.Method.ToUpperInvariant() + address), .. call.Body.Span, .. Encoding.UTF8.GetBytes(timestamp)];
        return secrets.Any(secret => CryptographicOperations.FixedTimeEquals(bytes.AsSpan(0, length), HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), signed)))
            ? null
            : SignatureDefect.Wrong(signature.Header);
    }

    private static SignatureDefect? FindV1(WebhookCall call, IReadOnlyList<string> secrets)
    {
        if (call.Header(V1) is not { } given || (call.Header("X-HubSpot-Signature-Version") ?? "v1") != "v1")
        {
            return SignatureDefect.Missing(V1);
        }

        return Hex.Read(given) is not { } bytes ? SignatureDefect.Malformed(V1)
            : secrets.Any(secret => CryptographicOperations.FixedTimeEquals(bytes, SHA256.HashData([.. Encoding.UTF8.GetBytes(secret), .. call.Body.Span]))) ? null
            : SignatureDefect.Wrong(V1);
    }

    /// <summary>HubSpot signs these characters as themselves and leaves every other escape as it is.</summary>
    [GeneratedRegex("%(?:3A|2F|3F|40|21|24|27|28|29|2A|2C|3B)", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Escaped();
}
