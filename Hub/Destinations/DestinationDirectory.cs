using IntegrationHub.Hub.Delivery;

namespace IntegrationHub.Hub.Destinations;

/// <summary>All destinations by name; fixed for the life of the process.</summary>
internal sealed class DestinationDirectory(IReadOnlyDictionary<string, Destination> destinations) : IAsyncDisposable
{
    public IEnumerable<Destination> All => destinations.Values;

    /// <summary>The destination, or null when none has the name.</summary>
    public Destination? Find(string name) => destinations.GetValueOrDefault(name);

    public async ValueTask DisposeAsync()
    {
        foreach (var destination in destinations.Values)
        {
            await destination.DisposeAsync();
        }
    }
}
