using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Hub.Delivery;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Plans;
using Microsoft.Extensions.Options;

namespace IntegrationHub.Hub.Planning;

/// <summary>Plans a run chunk by chunk: read candidates, decide, write. A killed planner goes on at the stored cursor; two planners of one run cannot both write.</summary>
internal sealed class AudienceSyncPlanner(OutboxTransaction transactions, IPlanStore plans, IOptions<DeliveryOptions> options, TimeProvider time)
{
    private const int ChunkSize = 5_000;
    private static readonly HashSet<long> _nobody = [];

    /// <summary>Plans to the end; null when another planner of the same run is at work.</summary>
    public Task<PlanTotals?> PlanAsync(Destination destination, PlanAudienceSync step, CancellationToken cancellationToken) =>
        PlanAsync(destination, step, step.Mode, cancellationToken);

    /// <summary>As the other one, where people of a reconciliation's scope are decided on by the mode that its healing policy comes to.</summary>
    public async Task<PlanTotals?> PlanAsync(Destination destination, PlanAudienceSync step, string decidedAs, CancellationToken cancellationToken)
    {
        var partitions = options.Value.Partitions;
        var request = new PlanRequest(step.RunId, step.Destination, step.Audience, step.Mode, Lane.Bulk, destination.PlanVersion, partitions);
        var progress = await transactions.RunAsync((db, _) => plans.OpenAsync(db, request, cancellationToken), cancellationToken);
        var unknown = decidedAs == SyncMode.Mirror ? await transactions.ReadAsync(db => plans.ReadUnknownAsync(db, step.Audience, cancellationToken)) : _nobody;
        var cursor = progress.Cursor;
        while (!progress.Completed)
        {
            var candidates = await transactions.ReadAsync(db => plans.ReadCandidatesAsync(db, request, cursor, ChunkSize, cancellationToken));
            if (candidates.Count == 0)
            {
                break;
            }

            var chunk = Decide(destination, decidedAs, candidates, unknown, cursor, partitions);
            if (!await transactions.RunAsync((db, _) => plans.WriteChunkAsync(db, request, chunk, time.GetUtcNow(), cancellationToken), cancellationToken))
            {
                return null;
            }

            cursor = chunk.Cursor;
        }

        return await transactions.RunAsync((db, _) => plans.CompleteAsync(db, request, cancellationToken), cancellationToken);
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
