using System.Security.Cryptography;
using System.Text;

namespace IntegrationHub.Storage.Deliveries;

/// <summary>Names an identity key without holding it, the same for all spellings that a vendor takes for one.</summary>
public static class KeyHash
{
    /// <summary>The name of a key, folded before.</summary>
    public static Guid Of(string folded)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(folded), hash);
        return new Guid(hash[..16]);
    }
}
