using System.Security.Cryptography;
using System.Text;
using IntegrationHub.Hub.Configuration;

namespace IntegrationHub.Hub.Intake.Webhooks.Signatures;

/// <summary>A secret that the sender sends along, for senders that sign nothing: Braze, Marketo, RudderStack, Census, Hightouch.</summary>
internal static class SharedSecret
{
    /// <summary>Why the call is not proven, or null.</summary>
    /// <param name="signature">The scheme.</param>
    /// <param name="call">The call.</param>
    /// <param name="secrets">Any of them will do.</param>
    /// <param name="prefix">What stands before the secret.</param>
    public static SignatureDefect? Find(SignatureSection signature, WebhookCall call, IReadOnlyList<string> secrets, string prefix)
    {
        if (call.Header(signature.Header) is not { } given)
        {
            return SignatureDefect.Missing(signature.Header);
        }

        if (!given.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
        {
            return SignatureDefect.Malformed(signature.Header);
        }

        var hash = Hash(given[prefix.Length..]);
        return secrets.Any(secret => CryptographicOperations.FixedTimeEquals(hash, Hash(secret))) ? null : SignatureDefect.Wrong(signature.Header);
    }

    /// <summary>Of one length, whatever was given: the comparison tells nothing of the secret's.</summary>
    private static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}
