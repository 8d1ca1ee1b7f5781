using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Storage.Ledger;

namespace IntegrationHub.Hub.Privacy;

/// <summary>The policy that this hub decides by, kept in the database before the first decision.</summary>
internal sealed class PolicyInForce(HubConfiguration configuration, OutboxTransaction transactions, TimeProvider time)
{
    private int? _id;

    /// <summary>Its number; asks the database once.</summary>
    public async ValueTask<int> FindAsync(CancellationToken cancellationToken)
    {
        if (_id is { } known)
        {
            return known;
        }

        var (version, content) = PolicyContent.Of(configuration).Write();
        var id = await transactions.RunAsync((db, _) => PolicyVersions.KeepAsync(db, version, content, time.GetUtcNow(), cancellationToken), cancellationToken);
        _id = id;
        return id;
    }
}
