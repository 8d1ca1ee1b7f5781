using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.Abstractions.Notices;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Delivery;

namespace IntegrationHub.Hub.Destinations;

/// <summary>All destinations by name; fixed for the life of the process.</summary>
/// <param name="destinations">By name.</param>
/// <param name="transport">What their connectors share, or null when each has its own.</param>
internal sealed class DestinationDirectory(IReadOnlyDictionary<string, Destination> destinations, IDisposable? transport = null) : IAsyncDisposable
{
    public IEnumerable<Destination> All => destinations.Values;

    /// <summary>Ends that are announced of the interfaces of each destination, by its name; empty lists where none is.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<Retirement>> Retirements => destinations.ToDictionary(known => known.Key, known => known.Value.Retirements, StringComparer.Ordinal);

    /// <summary>The vendor's fields that the mapping of each destination writes, also in part, by its name.</summary>
    public IReadOnlyDictionary<string, IReadOnlySet<string>> WrittenFields => destinations.ToDictionary(
        known => known.Key,
        IReadOnlySet<string> (known) => known.Value.MappedFields.Where(mapped => mapped.Owner == FieldOwner.Hub).Select(mapped => FieldAddress.Of(mapped.To).Field).ToHashSet(StringComparer.Ordinal),
        StringComparer.Ordinal);

    /// <summary>The destination, or null when none has the name.</summary>
    public Destination? Find(string name) => destinations.GetValueOrDefault(name);

    public async ValueTask DisposeAsync()
    {
        foreach (var destination in destinations.Values)
        {
            await destination.DisposeAsync();
        }

        transport?.Dispose();
    }
}
