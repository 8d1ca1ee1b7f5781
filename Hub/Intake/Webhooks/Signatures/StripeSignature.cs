using System.Security.Cryptography;
using System.Text;
using IntegrationHub.Hub.Configuration;

namespace IntegrationHub.Hub.Intake.Webhooks.Signatures;

/// <summary>Stripe's signature (https://docs.stripe.com/webhooks/signature): <c>t=…,v1=…</c>, where the secret counts as text, with its prefix.</summary>
internal static class StripeSignature
{
    /// <summary>Why the call is not proven, or null.</summary>
    public static SignatureDefect? Find(SignatureSection signature, WebhookCall call, IReadOnlyList<string> secrets, DateTimeOffset now)
    {
        if (call.Header(signature.Header) is not { } given)
        {
            return SignatureDefect.Missing(signature.Header);
        }

        string? timestamp = null;
        var signatures = new List<byte[]>();
        foreach (var part in given.Split(',', StringSplitOptions.TrimEntries))
        {
            if (part.StartsWith("t=", StringComparison.Ordinal))
            {
                timestamp = part[2..];
            }
            else if (part.StartsWith("v1=", StringComparison.Ordinal) && Hex.Read(part.AsSpan(3)) is { } bytes)
            {
                signatures.Add(bytes);
            }
        }

        if (timestamp is null || signatures.Count == 0)
        {
            return SignatureDefect.Malformed(signature.Header);
        }

        if (SignedTime.Find(timestamp, signature.Header, 1000, signature.Tolerance, now) is { } late)
        {
            return late;
        }

        byte[] signed = [.. Encoding.UTF8.GetBytes($"{timestamp}."), .. call.Body.Span];
        return secrets.Select(secret => HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), signed)).Any(expected => signatures.Exists(one => CryptographicOperations.FixedTimeEquals(one, expected)))
            ? null
            : SignatureDefect.Wrong(signature.Header);
    }
}
