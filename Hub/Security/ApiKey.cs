using System.Security.Cryptography;
using System.Text;

namespace IntegrationHub.Hub.Security;

/// <summary>The API key, read anew on every use so that it can be rotated without a restart.</summary>
internal sealed class ApiKey(string? file)
{
    /// <summary>Name of the environment variable.</summary>
    public const string Variable = "HUB_API_KEY";

    public bool IsConfigured => Read() is not null;

    /// <summary>Compares in constant time, also for keys of another length.</summary>
    public bool Matches(string given) =>
        Read() is { } expected && CryptographicOperations.FixedTimeEquals(Hash(given), Hash(expected));

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
