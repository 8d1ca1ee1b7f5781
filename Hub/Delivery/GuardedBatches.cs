using IntegrationHub.Storage.Deliveries;
using Settlement = IntegrationHub.Storage.Deliveries.Settlement;

namespace IntegrationHub.Hub.Delivery;

/// <summary>What a guardrail let pass of a claim.</summary>
/// <param name="Batches">What may be sent.</param>
/// <param name="Held">What is left to a run.</param>
/// <param name="Counted">What was counted as passing, by delivery.</param>
internal sealed record GuardedBatches(IReadOnlyList<PreparedBatch> Batches, IReadOnlyList<Settlement> Held, IReadOnlyDictionary<long, GuardedMembership> Counted)
{
    public static GuardedBatches Unguarded(IReadOnlyList<PreparedBatch> batches) => new(batches, [], new Dictionary<long, GuardedMembership>());
}
