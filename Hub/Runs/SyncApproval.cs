using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Hub.Approvals;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Approvals;
using IntegrationHub.Storage.Runs;
using MassTransit;

namespace IntegrationHub.Hub.Runs;

/// <summary>Runs that a guardrail holds: asked for when they begin to wait, let go or canceled by what people say. The guardrail is passed for one run; its limit stays.</summary>
internal sealed class SyncApproval(IRunStore runs, ApprovalRules rules, TimeProvider time) : IApprovable
{
    /// <inheritdoc />
    public string Kind => ApprovalKind.Sync;

    /// <summary>What an approval of a run is about.</summary>
    public static string SubjectOf(Guid runId) => $"run:{runId}";

    /// <summary>Asks for approval of a run as it stands, in the caller's transaction.</summary>
    public Task<Guid> RequestAsync(HubDbContext db, RunView run, CancellationToken cancellationToken)
    {
        var rule = rules.For(Kind);
        var now = time.GetUtcNow();
        return ApprovalDesk.RequestAsync(
            db,
            new ApprovalRequest(
                Kind, SubjectOf(run.RunId), RunVersion.Of(run), run.RequestedBy, now, now + rule.Expires, rule.Needed, rule.FourEyes,
                $"{run.Audience} to {run.Destination}, {run.Counts.Planned} people planned. {run.WaitingFor ?? "A guardrail holds it."}"),
            cancellationToken);
    }

    /// <inheritdoc />
    public async Task ReleaseAsync(HubDbContext db, IPublishEndpoint outbox, Approval approval, CancellationToken cancellationToken)
    {
        var run = await FindAsync(db, approval, cancellationToken);
        if (run is not { State: RunState.AwaitingApproval } || RunVersion.Of(run) != approval.Request.PlanHash)
        {
            throw new PlanChangedException($"Run {approval.Request.Subject["run:".Length..]} is not what was looked at any more: it is {run?.State ?? "gone"} by now. Look at it again: 'sync show'.");
        }

        await outbox.Publish(new ApproveAudienceSync { RunId = run.RunId, By = approval.Decisions[^1].By, At = approval.EndedAt!.Value }, cancellationToken);
    }

    /// <inheritdoc />
    public async Task AskAgainAsync(HubDbContext db, Approval withdrawn, CancellationToken cancellationToken)
    {
        if (await FindAsync(db, withdrawn, cancellationToken) is { State: RunState.AwaitingApproval } run)
        {
            await RequestAsync(db, run, cancellationToken);
        }
    }

    /// <inheritdoc />
    public async Task RefuseAsync(HubDbContext db, IPublishEndpoint outbox, Approval approval, CancellationToken cancellationToken)
    {
        if (await FindAsync(db, approval, cancellationToken) is { State: RunState.AwaitingApproval } run)
        {
            await outbox.Publish(new CancelAudienceSync { RunId = run.RunId, By = approval.Decisions.Count > 0 ? approval.Decisions[^1].By : "hub", At = approval.EndedAt!.Value }, cancellationToken);
        }
    }

    private Task<RunView?> FindAsync(HubDbContext db, Approval approval, CancellationToken cancellationToken) =>
        runs.FindAsync(db, Guid.Parse(approval.Request.Subject["run:".Length..]), cancellationToken);
}
