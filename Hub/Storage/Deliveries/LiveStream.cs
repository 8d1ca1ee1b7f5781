using System.Security.Cryptography;
using System.Text;

namespace IntegrationHub.Storage.Deliveries;

/// <summary>
/// What a destination is owed outside of runs: a changed consent, as it happens. In the queue its rows stand under an id of their own per
/// destination, where a run's rows stand under the run's id.
/// </summary>
public static class LiveStream
{
    /// <summary>The id for a destination; the same for ever.</summary>
    public static Guid IdOf(string destination)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes("live:" + destination), hash);
        return new Guid(hash[..16]);
    }
}
