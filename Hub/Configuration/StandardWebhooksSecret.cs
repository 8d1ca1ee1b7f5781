namespace IntegrationHub.Hub.Configuration;

/// <summary>A secret of Standard Webhooks: <c>whsec_</c>, which may be missing, and the key in base64. Pure.</summary>
internal static class StandardWebhooksSecret
{
    private const string Prefix = "whsec_";

    /// <summary>The key, or null when the secret holds none.</summary>
    public static byte[]? KeyOf(string secret)
    {
        var text = secret.StartsWith(Prefix, StringComparison.Ordinal) ? secret[Prefix.Length..] : secret;
        var key = new byte[text.Length];
        return Convert.TryFromBase64String(text, key, out var length) && length > 0 ? key[..length] : null;
    }
}
