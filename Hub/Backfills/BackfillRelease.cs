using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Contracts.Backfills;
using IntegrationHub.Hub.Approvals;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Approvals;
using IntegrationHub.Storage.Backfills;
using MassTransit;

namespace IntegrationHub.Hub.Backfills;

/// <summary>What an approval of a backfill, a rollback or a replay sets free: the run goes on, or is canceled.</summary>
/// <param name="kind">Which of these.</param>
/// <param name="destinations">What plans are made for.</param>
internal sealed class BackfillRelease(string kind, DestinationDirectory destinations) : IApprovable
{
    /// <inheritdoc />
    public string Kind => kind;

    /// <inheritdoc />
    public async Task ReleaseAsync(HubDbContext db, IPublishEndpoint outbox, Approval approval, CancellationToken cancellationToken)
    {
        var runId = BackfillApproval.RunOf(approval);
        var run = (await BackfillBook.FindAsync(db, runId, cancellationToken))?.Run;
        if (run is not { CurrentState: RunState.AwaitingApproval } || run.PlanHash != approval.Request.PlanHash)
        {
            throw new PlanChangedException($"Run {runId} is not what was looked at any more: it is {run?.CurrentState ?? "gone"} by now. Look at it again: 'backfill show {runId}'.");
        }

        if (destinations.Find(run.Destination)?.PlanVersion != (await BackfillBook.FindPlanAsync(db, runId, cancellationToken))?.PlanVersion)
        {
            throw new PlanChangedException($"The mapping or the consent policy of {run.Destination} changed since run {runId} was planned. 'backfill cancel {runId}' it and plan it again.");
        }

        await outbox.Publish(new ApproveBackfill { RunId = runId, PlanHash = approval.Request.PlanHash, By = approval.Decisions[^1].By, At = approval.EndedAt!.Value }, cancellationToken);
    }

    /// <inheritdoc />
    public async Task RefuseAsync(HubDbContext db, IPublishEndpoint outbox, Approval approval, CancellationToken cancellationToken)
    {
        var runId = BackfillApproval.RunOf(approval);
        if (await BackfillBook.FindAsync(db, runId, cancellationToken) is { Run: { DeliveringAt: null, FinishedAt: null } }) // also one that is paused meanwhile
        {
            await outbox.Publish(new CancelBackfill { RunId = runId, By = approval.Decisions.Count > 0 ? approval.Decisions[^1].By : "hub", At = approval.EndedAt!.Value }, cancellationToken);
        }
    }
}
