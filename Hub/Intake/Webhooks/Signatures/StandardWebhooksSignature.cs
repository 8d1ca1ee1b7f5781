using System.Security.Cryptography;
using System.Text;
using IntegrationHub.Hub.Configuration;
using Org.BouncyCastle.Math.EC.Rfc8032;

namespace IntegrationHub.Hub.Intake.Webhooks.Signatures;

/// <summary>
/// Standard Webhooks 1.0, with a shared secret (<c>v1</c>) or the sender's key (<c>v1a</c>, Ed25519): https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md. Some senders call the same
/// headers <c>svix-*</c>.
/// </summary>
internal static class StandardWebhooksSignature
{
    private const string Prefix = "webhook";
    private const string OtherPrefix = "svix";

    /// <summary>The delivery's id, the same on every attempt; null when it has none.</summary>
    public static string? IdOf(WebhookCall call) => call.Header($"{Prefix}-id") ?? call.Header($"{OtherPrefix}-id");

    /// <summary>Why the call is not proven, or null.</summary>
    public static SignatureDefect? Find(SignatureSection signature, WebhookCall call, IReadOnlyList<string> secrets, DateTimeOffset now)
    {
        var prefix = call.Header($"{Prefix}-id") is null && call.Header($"{OtherPrefix}-id") is not null ? OtherPrefix : Prefix;
        if (call.Header($"{prefix}-id") is not { } id)
        {
            return SignatureDefect.Missing($"{prefix}-id");
        }

        if (call.Header($"{prefix}-timestamp") is not { } timestamp)
        {
            return SignatureDefect.Missing($"{prefix}-timestamp");
        }

        var header = $"{prefix}-signature";
        if (call.Header(header) is not { } given)
        {
            return SignatureDefect.Missing(header);
        }

        if (SignedTime.Find(timestamp, $"{prefix}-timestamp", 1000, signature.Tolerance, now) is { } late)
        {
            return late;
        }

        // Signatures of other versions may stand beside ours; they are not looked at.
        var parts = given.Split(' ');
        var (shared, ofSender) = (Signatures(parts, "v1,"), Signatures(parts, "v1a,"));
        if (shared.Count + ofSender.Count == 0)
        {
            return SignatureDefect.Malformed(header);
        }

        byte[] signed = [.. Encoding.UTF8.GetBytes($"{id}.{timestamp}."), .. call.Body.Span];
        return (shared.Count > 0 && secrets.Select(StandardWebhooksSecret.KeyOf).OfType<byte[]>().Select(key => HMACSHA256.HashData(key, signed))
                .Any(expected => shared.Exists(one => CryptographicOperations.FixedTimeEquals(one, expected))))
            || (ofSender.Count > 0 && secrets.Select(StandardWebhooksSecret.PublicKeyOf).OfType<byte[]>().Any(key => ofSender.Exists(one => IsSignedBy(key, signed, one))))
            ? null
            : SignatureDefect.Wrong(header);
    }

    private static bool IsSignedBy(byte[] publicKey, byte[] signed, byte[] signature) =>
        signature.Length == Ed25519.SignatureSize && Ed25519.Verify(signature, 0, publicKey, 0, signed, 0, signed.Length);

    private static List<byte[]> Signatures(string[] parts, string version) =>
        [.. parts.Where(part => part.StartsWith(version, StringComparison.Ordinal)).Select(part => Base64(part[version.Length..])).OfType<byte[]>()];

    private static byte[]? Base64(string text)
    {
        var bytes = new byte[text.Length];
        return Convert.TryFromBase64String(text, bytes, out var written) ? bytes[..written] : null;
    }
}
