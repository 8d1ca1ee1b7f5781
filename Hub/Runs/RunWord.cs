using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Contracts.Backfills;
using IntegrationHub.Storage.Deliveries;
using MassTransit;

namespace IntegrationHub.Hub.Runs;

/// <summary>What deliveries tell their run; the lane says of what kind it is.</summary>
internal static class RunWord
{
    /// <summary>Nothing of the run is pending any more.</summary>
    public static Task DeliveredAsync(IPublishEndpoint bus, string lane, Guid runId, DateTimeOffset at, CancellationToken cancellationToken) => lane == Lane.Backfill
        ? bus.Publish(new BackfillDelivered { RunId = runId, At = at }, cancellationToken)
        : bus.Publish(new AudienceSyncDelivered { RunId = runId, At = at }, cancellationToken);

    /// <summary>Some of the run was settled.</summary>
    public static Task ProgressedAsync(IPublishEndpoint bus, string lane, Guid runId, int settled, DateTimeOffset at, CancellationToken cancellationToken) => lane == Lane.Backfill
        ? bus.Publish(new BackfillProgressed { RunId = runId, Settled = settled, At = at }, cancellationToken)
        : bus.Publish(new AudienceSyncProgressed { RunId = runId, Settled = settled, At = at }, cancellationToken);
}
