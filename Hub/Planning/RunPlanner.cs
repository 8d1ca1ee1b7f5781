using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Observability;
using IntegrationHub.Hub.Privacy;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Configurations;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Plans;

namespace IntegrationHub.Hub.Planning;

/// <summary>Plans a run of any kind chunk by chunk: read candidates, decide, write. A killed planner goes on at the stored cursor; two planners of one run cannot both write.</summary>
internal sealed class RunPlanner(OutboxTransaction transactions, IPlanStore plans, PolicyInForce policy, HubTelemetry telemetry, TimeProvider time)
{
    private const int ChunkSize = 5_000;

    /// <summary>Plans to the end; null when another planner of the same run is at work.</summary>
    /// <param name="request">Which plan.</param>
    /// <param name="scope">Fills the run's scope in the transaction that opens the plan; null when it needs none.</param>
    /// <param name="decide">Decides on candidates, which follow the given cursor. Pure.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="ConfigurationBehindException">Another version of the configuration is in force: what is not planned yet is for a hub that runs it.</exception>
    public async Task<PlanTotals?> PlanAsync(
        PlanRequest request, Func<HubDbContext, Task>? scope, Func<IReadOnlyList<PlanCandidate>, long, PlanChunk> decide, CancellationToken cancellationToken)
    {
        request = request with { PolicyId = await policy.FindAsync(cancellationToken), ConfigVersion = policy.ConfigVersion };
        var progress = await transactions.RunAsync(
            async (db, _) =>
            {
                await ConfigurationFence.HoldAsync(db, request.ConfigVersion, cancellationToken);
                var opened = await plans.OpenAsync(db, request, cancellationToken);
                await ConfigurationFence.PinAsync(db, request.RunId, request.ConfigVersion, cancellationToken);
                if (!opened.Completed && scope is not null)
                {
                    await scope(db);
                }

                return opened;
            },
            cancellationToken);
        var cursor = progress.Cursor;
        while (!progress.Completed)
        {
            var candidates = await transactions.ReadAsync(db => plans.ReadCandidatesAsync(db, request, cursor, ChunkSize, cancellationToken));
            if (candidates.Count == 0)
            {
                break;
            }

            var chunk = decide(candidates, cursor) with { Decided = request.PolicyId is { } by ? new DecisionPoint(by, candidates[0].Position, request.ConfigVersion) : null };
            var isWritten = await transactions.RunAsync(
                async (db, _) =>
                {
                    await ConfigurationFence.HoldAsync(db, request.ConfigVersion, cancellationToken);
                    return await plans.WriteChunkAsync(db, request, chunk, time.GetUtcNow(), cancellationToken);
                },
                cancellationToken);
            if (!isWritten)
            {
                return null;
            }

            telemetry.Planned(request.Destination, request.Lane, chunk.Outcomes);
            cursor = chunk.Cursor;
        }

        return await transactions.RunAsync((db, _) => plans.CompleteAsync(db, request, cancellationToken), cancellationToken);
    }
}
