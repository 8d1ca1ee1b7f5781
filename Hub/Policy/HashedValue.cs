using System.Security.Cryptography;
using System.Text;

namespace IntegrationHub.Hub.Policy;

/// <summary>
/// A value as its SHA-256, the way advertising systems compare people: over the UTF-8 of the normalised text, without salt, in 64 lower-case hexadecimal digits. The mapping normalises:
/// an address is trimmed and in lower case, a phone number is E.164. A hash of personal data is still personal data: who has the value can tell it.
/// </summary>
internal static class HashedValue
{
    /// <param name="normalised">The mapped value.</param>
    public static string Of(string normalised)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(normalised), hash);
        return Convert.ToHexStringLower(hash);
    }
}
