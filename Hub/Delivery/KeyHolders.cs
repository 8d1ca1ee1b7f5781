using IntegrationHub.Hub.Destinations;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Deliveries;

namespace IntegrationHub.Hub.Delivery;

/// <summary>Whom the destination has under the keys of a claim.</summary>
internal static class KeyHolders
{
    /// <summary>Who holds which key, by its hash; null, and without a round trip, where the vendor tells keys apart by case.</summary>
    public static async Task<IReadOnlyDictionary<Guid, long>?> FindKeyHoldersAsync(
        this IDeliveryStore deliveries, HubDbContext db, Destination destination, IReadOnlyList<ClaimedDelivery> claim, CancellationToken cancellationToken)
    {
        var keys = claim.SelectMany(delivery => new[] { destination.KeyOf(delivery.ExternalId, delivery.Email), delivery.NamedKey }).Select(destination.KeyHashOf).OfType<Guid>().Distinct().ToList();
        return keys.Count == 0 ? null : await deliveries.FindKeyHoldersAsync(db, destination.Name, keys, cancellationToken);
    }

    /// <inheritdoc cref="IDeliveryStore.FindIdentityAheadAsync" />
    public static Task<IdentityAhead> FindIdentityAheadAsync(this IDeliveryStore deliveries, HubDbContext db, Destination destination, IReadOnlyList<ClaimedDelivery> claim, CancellationToken cancellationToken) =>
        deliveries.FindIdentityAheadAsync(db, destination.Name, claim.Select(delivery => (delivery.ProfileId, destination.KeyOf(delivery.ExternalId, delivery.Email))), cancellationToken);
}
