using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Hub.Delivery;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Plans;
using Microsoft.Extensions.Options;

namespace IntegrationHub.Hub.Planning;

/// <summary>Plans an audience sync.</summary>
internal sealed class AudienceSyncPlanner(RunPlanner planner, OutboxTransaction transactions, IPlanStore plans, IOptions<DeliveryOptions> options)
{
    private static readonly HashSet<long> _nobody = [];

    /// <summary>Plans to the end; null when another planner of the same run is at work.</summary>
    public Task<PlanTotals?> PlanAsync(Destination destination, PlanAudienceSync step, CancellationToken cancellationToken) =>
        PlanAsync(destination, step, step.Mode, cancellationToken);

    /// <summary>As the other one, where people of a reconciliation's scope are decided on by the mode that its healing policy comes to.</summary>
    public async Task<PlanTotals?> PlanAsync(Destination destination, PlanAudienceSync step, string decidedAs, CancellationToken cancellationToken)
    {
        var partitions = options.Value.Partitions;
        var request = new PlanRequest(step.RunId, step.Destination, step.Audience, step.Mode, Lane.Bulk, destination.PlanVersion, partitions);
        var unknown = decidedAs == SyncMode.Mirror ? await transactions.ReadAsync(db => plans.ReadUnknownAsync(db, step.Audience, cancellationToken)) : _nobody;
        return await planner.PlanAsync(request, null, (candidates, cursor) => Decide(destination, decidedAs, candidates, unknown, cursor, partitions), cancellationToken);
    }

    private static PlanChunk Decide(Destination destination, string mode, IReadOnlyList<PlanCandidate> candidates, IReadOnlySet<long> unknown, long cursor, int partitions)
    {
        var deliveries = new List<PlannedDelivery>(candidates.Count);
        var outcomes = new List<PlannedOutcome>();
        foreach (var candidate in candidates)
        {
            var decision = PlanDecision.For(destination, mode, candidate, partitions, unknown.Contains(candidate.ProfileId));
            if (decision.Operation is { } operation)
            {
                deliveries.Add(new PlannedDelivery(candidate.ProfileId, operation, decision.Partition));
            }
            else
            {
                outcomes.Add(new PlannedOutcome(
                    candidate.ProfileId, decision.Outcome!, decision.Code, candidate.IsRemoteMember ? Operation.UpsertProfile : Operation.AddMember));
            }
        }

        return new PlanChunk { PreviousCursor = cursor, Cursor = candidates[^1].ProfileId, Deliveries = deliveries, Outcomes = outcomes };
    }
}
