namespace IntegrationHub.Storage.Deliveries;

/// <summary>What a decision rests on: with both it can be taken again, and comes to the same.</summary>
/// <param name="PolicyId">The policy (<see cref="Ledger.PolicyVersions"/>).</param>
/// <param name="Position">Position of the newest decision of consent in the ledger as it was taken; 0 when there was none.</param>
public readonly record struct DecisionPoint(int PolicyId, long Position)
{
    /// <summary>The point of a claim under a lease; null where the lease names no policy.</summary>
    internal static DecisionPoint? Of(Lease lease, long position) => lease.PolicyId is { } policy ? new DecisionPoint(policy, position) : null;
}
