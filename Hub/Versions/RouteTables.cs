using IntegrationHub.Hub.Configuration;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Ledger;
using IntegrationHub.Storage.Renames;

namespace IntegrationHub.Hub.Versions;

/// <summary>Which destination is owed what, and what audiences were called before, as a configuration says it, for the tables that the ledger goes by.</summary>
internal static class RouteTables
{
    /// <summary>Writes them, in the transaction that puts the configuration in force, or of a hub that begins to run it.</summary>
    public static async Task WriteAsync(HubDbContext db, ILedger ledger, HubConfiguration configuration, int partitions, CancellationToken cancellationToken)
    {
        var destinations = configuration.Destinations.Values;
        await ledger.LockAsync(db, cancellationToken);
        await SourceNames.SettleAsync(db, configuration.Sources.Keys, cancellationToken);
        await AudienceAliases.ReplaceAsync(db, configuration.FormerNames.Audiences, cancellationToken);
        var audiences = configuration.Audiences.Values.SelectMany(audience => audience.Destinations.Select(destination => new AudienceRoute(audience.Key, destination))).ToList();
        await ledger.RouteIdentityAsync(db, [.. destinations.Select(destination => destination.RouteOfIdentity(KeyOf(configuration, destination)))], partitions, cancellationToken);
        await ledger.RouteAudiencesAsync(db, audiences, cancellationToken);
        await ledger.RouteConsentsAsync(
            db, [.. destinations.SelectMany(destination => (destination.Consent?.Purposes ?? []).Select(purpose => new ConsentRoute(destination.Name, purpose)))], partitions, cancellationToken);
        await ledger.RouteEventsAsync(db, [.. destinations.SelectMany(destination => destination.Events.Keys.Select(name => new EventRoute(destination.Name, name)))], partitions, cancellationToken);
        await ledger.RouteLiveAsync(db, [.. audiences.Where(route => configuration.Destinations[route.Destination].Live)], partitions, cancellationToken);
    }

    private static string KeyOf(HubConfiguration configuration, DestinationConfiguration destination) =>
        configuration.Mappings[destination.Mapping].Fields.First(field => field.To == destination.IdentityKey && field.Owner == FieldOwner.Hub).From;
}
