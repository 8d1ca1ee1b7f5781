using System.Security.Cryptography;
using System.Text;

namespace IntegrationHub.Storage.Deliveries;

/// <summary>
/// What a destination is owed outside of runs, as it happens: a changed consent in the urgent lane, an event in the live lane. In the queue
/// its rows stand under an id of their own per destination and lane, where a run's rows stand under the run's id: a withdrawal is found
/// without a look at the events that wait.
/// </summary>
public static class LiveStream
{
    /// <summary>The id for a destination and a pressing lane; the same for ever.</summary>
    public static Guid IdOf(string destination, string lane = Lane.Urgent)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(lane == Lane.Urgent ? $"live:{destination}" : $"live:{destination}:{lane}"), hash);
        return new Guid(hash[..16]);
    }
}
