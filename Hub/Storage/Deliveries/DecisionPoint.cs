namespace IntegrationHub.Storage.Deliveries;

/// <summary>What a decision rests on: with policy and position it can be taken again, and comes to the same.</summary>
/// <param name="PolicyId">The policy (<see cref="Ledger.PolicyVersions"/>).</param>
/// <param name="Position">Position of the newest decision of consent in the ledger as it was taken; 0 when there was none.</param>
/// <param name="ConfigVersion">The version of the configuration that it was taken under; null where nobody compares versions, and of what earlier hubs decided.</param>
public readonly record struct DecisionPoint(int PolicyId, long Position, long? ConfigVersion = null)
{
    /// <summary>The point of a claim under a lease; null where the lease names no policy.</summary>
    internal static DecisionPoint? Of(Lease lease, long position) => lease.PolicyId is { } policy ? new DecisionPoint(policy, position, lease.ConfigVersion) : null;
}
