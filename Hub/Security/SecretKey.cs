using System.Numerics;
using System.Security.Cryptography;
using System.Text;

namespace IntegrationHub.Hub.Security;

/// <summary>The text of a key: <c>hub_{key id}_{32 random bytes}</c>, in base 62. Shown to its owner once; the hub keeps the id and a hash.</summary>
internal static class SecretKey
{
    /// <summary>How each key begins, so that scanners of code find one that was left lying about.</summary>
    public const string Prefix = "hub_";

    private const string Digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    private const int IdLength = 12;
    private const int SecretBytes = 32;
    private const int SecretLength = 43; // digits of base 62 that hold 256 bits

    /// <summary>Makes a key.</summary>
    public static (string KeyId, string Text) Create()
    {
        var id = RandomNumberGenerator.GetString(Digits, IdLength);
        var number = new BigInteger(RandomNumberGenerator.GetBytes(SecretBytes), isUnsigned: true);
        var secret = new char[SecretLength];
        for (var i = SecretLength - 1; i >= 0; i--)
        {
            number = BigInteger.DivRem(number, Digits.Length, out var digit);
            secret[i] = Digits[(int)digit];
        }

        return (id, $"{Prefix}{id}_{new string(secret)}");
    }

    /// <summary>The id in a key's text, or null when the text is no key of this form.</summary>
    public static string? IdOf(string text) =>
        text.Length == Prefix.Length + IdLength + 1 + SecretLength && text.StartsWith(Prefix, StringComparison.Ordinal) && text[Prefix.Length + IdLength] == '_'
            ? text.Substring(Prefix.Length, IdLength)
            : null;

    /// <summary>What is kept of a key. Its text is random, so that no slow hash is needed.</summary>
    public static byte[] HashOf(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}
