using IntegrationHub.Hub.Messaging;
using IntegrationHub.Storage.Quotas;

namespace IntegrationHub.Hub.Destinations.Quota;

/// <summary>The instances meet in the destination's row of the shared database.</summary>
internal sealed class StoredQuotaExchange(string destination, QuotaLimits limits, OutboxTransaction transactions, IQuotaStore store) : IQuotaExchange
{
    /// <inheritdoc />
    public Task<QuotaAnswer?> ExchangeAsync(QuotaClaim claim, CancellationToken cancellationToken) =>
        ChangeAsync((shared, clock) => shared.Exchange(claim, limits, clock), cancellationToken);

    /// <summary>Counts used-up periods from zero again; see <see cref="SharedQuota.Reopen"/>.</summary>
    public Task<IReadOnlyList<string>> ReopenAsync(CancellationToken cancellationToken) =>
        ChangeAsync((shared, _) => shared.Reopen(limits), cancellationToken);

    private Task<T> ChangeAsync<T>(Func<SharedQuota, DateTimeOffset, T> change, CancellationToken cancellationToken) => transactions.RunAsync(
        async (db, _) =>
        {
            var result = default(T)!;
            await store.ChangeAsync(
                db,
                destination,
                (state, clock) =>
                {
                    var shared = SharedQuota.Parse(state);
                    result = change(shared, clock);
                    return shared.Write();
                },
                cancellationToken);
            return result;
        },
        cancellationToken);
}
