using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Storage.Deliveries;

namespace IntegrationHub.Hub.Runs;

/// <summary>
/// A step that needs the vendor waits outside of the endpoint while the vendor is in trouble: the trouble is written to the destination's condition
/// and the run is told when to ask again. Nothing is retried on a place that other runs need.
/// </summary>
internal sealed class StepPostponement(DestinationHealth health, TimeProvider time)
{
    private static readonly TimeSpan _shortest = TimeSpan.FromSeconds(1);

    /// <summary>What to answer while the destination's condition says that it is not to be asked; null when it may be.</summary>
    public async Task<AudienceSyncStepPostponed?> FindAsync(Guid runId, string step, string destination, CancellationToken cancellationToken) =>
        await health.FindBlockAsync(destination, Lane.Bulk, cancellationToken) is { } block ? Postponed(runId, step, block.Until) : null;

    /// <summary>Writes down the trouble that a step met, and gives what to answer.</summary>
    public async Task<AudienceSyncStepPostponed> ReportAsync(
        Guid runId, string step, string destination, DestinationCondition condition, CancellationToken cancellationToken)
    {
        await health.ReportAsync(destination, Lane.Bulk, condition, cancellationToken);
        return await FindAsync(runId, step, destination, cancellationToken) ?? Postponed(runId, step, time.GetUtcNow());
    }

    private AudienceSyncStepPostponed Postponed(Guid runId, string step, DateTimeOffset until)
    {
        var now = time.GetUtcNow();
        return new AudienceSyncStepPostponed { RunId = runId, Step = step, Until = until > now + _shortest ? until : now + _shortest, At = now };
    }
}
