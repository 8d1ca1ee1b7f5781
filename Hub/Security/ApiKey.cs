using System.Security.Cryptography;
using System.Text;

namespace IntegrationHub.Hub.Security;

/// <summary>The one API key of the settings, read anew on every use so that it can be rotated without a restart.</summary>
/// <param name="file">File that holds it, or null.</param>
/// <param name="areKeysRequired">Whether callers need a key even when this one is not set: one of the database.</param>
internal sealed class ApiKey(string? file, bool areKeysRequired = false)
{
    /// <summary>Name of the environment variable.</summary>
    public const string Variable = "HUB_API_KEY";

    public bool IsConfigured => Read() is not null;

    /// <summary>Whether nobody may call without a key; else programs on this machine may.</summary>
    public bool AreKeysRequired => areKeysRequired || IsConfigured;

    /// <summary>Compares in constant time, also for keys of another length.</summary>
    public bool Matches(string given) =>
        Read() is { } expected && CryptographicOperations.FixedTimeEquals(Hash(given), Hash(expected));

    /// <summary>Whether it is still the key that somebody came with before.</summary>
    /// <param name="hash"><see cref="SecretKey.HashOf"/> that key.</param>
    public bool IsStill(ReadOnlySpan<byte> hash) => Read() is { } expected && CryptographicOperations.FixedTimeEquals(hash, SecretKey.HashOf(expected));

    private static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));

    private string? Read()
    {
        var value = Environment.GetEnvironmentVariable(Variable);
        if (string.IsNullOrEmpty(value) && file is not null && File.Exists(file))
        {
            value = File.ReadAllText(file).TrimEnd();
        }

        return string.IsNullOrEmpty(value) ? null : value;
    }
}
