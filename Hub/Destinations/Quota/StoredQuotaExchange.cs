using IntegrationHub.Hub.Messaging;
using IntegrationHub.Storage.Quotas;

namespace IntegrationHub.Hub.Destinations.Quota;

/// <summary>The instances meet in the destination's row of the shared database.</summary>
internal sealed class StoredQuotaExchange(string destination, OutboxTransaction transactions, IQuotaStore store) : IQuotaExchange
{
    /// <inheritdoc />
    public Task ExchangeAsync(Action<SharedQuota, DateTimeOffset> change, CancellationToken cancellationToken) =>
        transactions.RunAsync(
            (db, _) => store.ChangeAsync(
                db,
                destination,
                (state, now) =>
                {
                    var shared = SharedQuota.Parse(state);
                    change(shared, now);
                    return shared.Write();
                },
                cancellationToken),
            cancellationToken);
}
