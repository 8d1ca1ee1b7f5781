using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Storage.Deliveries;
using Settlement = IntegrationHub.Storage.Deliveries.Settlement;

namespace IntegrationHub.Hub.Delivery;

/// <summary>Reads people from a vendor in calls as large as it admits.</summary>
internal static class ProfileReader
{
    /// <summary>True when the vendor shows profiles, without which nothing can be backfilled there.</summary>
    public static bool CanRead(Destination destination) => destination.ConnectorFor(Lane.Backfill) is IProfileReading;

    /// <summary>People per call.</summary>
    public static int PeoplePerCall(Destination destination) => ((IProfileReading)destination.ConnectorFor(Lane.Backfill)).MaxKeysPerRead;

    /// <summary>False for somebody whom the vendor cannot be asked for.</summary>
    public static bool CanBeAskedFor(Destination destination, string key) => destination.ConnectorFor(Lane.Backfill) is not IProfileReading reading || reading.CanBeAskedFor(key);

    /// <summary>A batch without those who have to be looked at before they are written and whom the vendor cannot be asked for: these are refused, since nothing may be written over what nobody can look at.</summary>
    public static (PreparedBatch Batch, IReadOnlyList<Settlement> Refused) Askable(Destination destination, PreparedBatch batch)
    {
        if (batch.Records.All(record => CanBeAskedFor(destination, record.Item.Key)))
        {
            return (batch, []);
        }

        var records = batch.Records.ToLookup(record => CanBeAskedFor(destination, record.Item.Key) || !IsLookedAt(destination, batch, record));
        return (batch with { Records = [.. records[true]] }, [.. records[false].Select(record => new Settlement { Delivery = record.Delivery, Outcome = LedgerOutcome.Rejected, Code = ReasonCode.KeyNotSearchable })]);
    }

    private static bool IsLookedAt(Destination destination, PreparedBatch batch, PreparedRecord record) => batch.Operation switch
    {
        Operation.UpsertProfile when batch.Backfill is not null => true,
        Operation.UpsertProfile or Operation.AddMember => ExistingPeople.IsConcerned(destination.CreatesPeople, record) || EmptyFields.IsConcerned(destination, record),
        _ => false,
    };

    /// <summary>The profiles by key, as the vendor compares keys.</summary>
    /// <param name="destination">The destination.</param>
    /// <param name="keys">The people.</param>
    /// <param name="fields">The fields to be read; empty to see who is there.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <param name="lane">The lane in which the calls wait.</param>
    /// <exception cref="DestinationException">The destination is in trouble.</exception>
    public static async Task<ILookup<string, RemoteProfile>> ReadAsync(
        Destination destination, IReadOnlyCollection<string> keys, IReadOnlyList<string> fields, CancellationToken cancellationToken, string lane = Lane.Backfill)
    {
        var connector = (IProfileReading)destination.ConnectorFor(lane);
        var found = new List<RemoteProfile>(keys.Count);
        foreach (var some in keys.Chunk(connector.MaxKeysPerRead))
        {
            found.AddRange(await connector.ReadProfilesAsync(some, fields, cancellationToken));
        }

        return found.ToLookup(profile => profile.Key, destination.IdentityKeyKind == "email" ? StringComparer.OrdinalIgnoreCase : destination.KeyComparer);
    }
}
