using IntegrationHub.Hub.Configuration;

namespace IntegrationHub.Hub.Intake.Webhooks.Signatures;

/// <summary>Whether a call is its source's. Compares in constant time, over the bytes as they came; never throws for what a call holds. Pure but for the secrets, which are read anew.</summary>
internal static class SignatureCheck
{
    /// <summary>Why the call is not proven, or null when it is.</summary>
    public static SignatureDefect? Find(SourceConfiguration source, WebhookCall call, DateTimeOffset now)
    {
        var signature = source.Signature;
        string[] secrets = [.. signature.Secrets.Select(secret => secret.Read()).OfType<string>()];
        return secrets.Length == 0
            ? new SignatureDefect(SignatureDefect.SecretMissing, signature.Header, "The hub has lost the secret of this source. Set it again; the sender may come again then.")
            : signature.Scheme switch
            {
                SignatureScheme.StandardWebhooks => StandardWebhooksSignature.Find(signature, call, secrets, now),
                SignatureScheme.Hubspot => HubSpotSignature.Find(signature, source.PublicUrl, call, secrets, now),
                SignatureScheme.Segment => SegmentSignature.Find(signature, call, secrets),
                SignatureScheme.Stripe => StripeSignature.Find(signature, call, secrets, now),
                SignatureScheme.SecretHeader => SharedSecret.Find(signature, call, secrets, ""),
                SignatureScheme.Bearer => SharedSecret.Find(signature, call, secrets, "Bearer "),
                _ => throw new ArgumentOutOfRangeException(nameof(source), signature.Scheme, "Check this scheme here."),
            };
    }
}
