using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Versions;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Storage.Ledger;

namespace IntegrationHub.Hub.Privacy;

/// <summary>The policy that this hub decides by, kept in the database before the first decision, and the version of the configuration that it is of.</summary>
/// <param name="configuration">The configuration.</param>
/// <param name="transactions">Writes it down.</param>
/// <param name="time">The clock.</param>
/// <param name="running">The hub's version; null where nobody compares versions.</param>
internal sealed class PolicyInForce(HubConfiguration configuration, OutboxTransaction transactions, TimeProvider time, RunningConfiguration? running = null)
{
    private int? _id;

    /// <summary>The version of the configuration; null where nobody compares versions.</summary>
    public long? ConfigVersion => running?.Version;

    /// <summary>True when another version was seen to be in force.</summary>
    public bool IsBehind => running?.IsBehind is true;

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
