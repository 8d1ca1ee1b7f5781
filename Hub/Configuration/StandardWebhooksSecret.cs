namespace IntegrationHub.Hub.Configuration;

/// <summary>
/// A secret of Standard Webhooks: <c>whsec_</c>, which may be missing, and the symmetric key in base64; or <c>whpk_</c> and the sender's public key. One is never taken for the other: who knows
/// a public key could sign with it as if it were a secret. Pure.
/// </summary>
internal static class StandardWebhooksSecret
{
    /// <summary>What a public key begins with.</summary>
    public const string PublicPrefix = "whpk_";

    /// <summary>What a private key begins with, which is the sender's alone.</summary>
    public const string PrivatePrefix = "whsk_";

    private const string Prefix = "whsec_";
    private const int PublicKeyBytes = 32;

    /// <summary>The symmetric key, or null when the secret holds none.</summary>
    public static byte[]? KeyOf(string secret) =>
        secret.StartsWith(PublicPrefix, StringComparison.Ordinal) || secret.StartsWith(PrivatePrefix, StringComparison.Ordinal)
            ? null
            : Read(secret.StartsWith(Prefix, StringComparison.Ordinal) ? secret[Prefix.Length..] : secret);

    /// <summary>The sender's public key (Ed25519), or null when the secret holds none.</summary>
    public static byte[]? PublicKeyOf(string secret) =>
        secret.StartsWith(PublicPrefix, StringComparison.Ordinal) && Read(secret[PublicPrefix.Length..]) is { Length: PublicKeyBytes } key ? key : null;

    private static byte[]? Read(string text)
    {
        var key = new byte[text.Length];
        return Convert.TryFromBase64String(text, key, out var length) && length > 0 ? key[..length] : null;
    }
}
