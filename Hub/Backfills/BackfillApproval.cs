using IntegrationHub.Contracts.Backfills;
using IntegrationHub.Hub.Approvals;
using IntegrationHub.Sagas.BackfillRun;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Approvals;

namespace IntegrationHub.Hub.Backfills;

/// <summary>
/// Backfills and rollbacks that wait for somebody's agreement: asked for when they begin to wait, withdrawn when they are over. Nothing is written without a word; about few people
/// one word is enough, also of whoever planned it or of a program.
/// </summary>
internal sealed class BackfillApproval(ApprovalRules rules, TimeProvider time)
{
    private const string Prefix = "backfill:";

    /// <summary>What an approval of a backfill is about.</summary>
    public static string SubjectOf(Guid runId) => $"{Prefix}{runId}";

    /// <summary>The run that an approval is about.</summary>
    public static Guid RunOf(Approval approval) => Guid.Parse(approval.Request.Subject[Prefix.Length..]);

    /// <summary>Asks for approval of a run's plan, in the caller's transaction.</summary>
    public Task<Guid> RequestAsync(HubDbContext db, BackfillRunState run, CancellationToken cancellationToken)
    {
        var (people, now) = (run.ToWrite ?? 0, time.GetUtcNow());
        var rule = rules.For(KindOf(run));
        var isOfMany = rule.IsNeededFor(people);
        return ApprovalDesk.RequestAsync(
            db,
            new ApprovalRequest(
                rule.Kind, SubjectOf(run.CorrelationId), run.PlanHash!, run.RequestedBy, now, now + rule.Expires, isOfMany ? rule.Needed : 1, isOfMany && rule.FourEyes,
                $"{(run.RollsBack is { } back ? $"Take back what run {back} wrote" : "Write attributes")}: {people} of {run.Planned} people at {run.Destination}. 'backfill show {run.CorrelationId}' shows the plan."),
            cancellationToken);
    }

    /// <summary>Whether the plan was agreed to since the run began to wait, so that it goes on in a moment.</summary>
    public static Task<bool> IsGivenAsync(HubDbContext db, BackfillRunState run, CancellationToken cancellationToken) =>
        ApprovalDesk.IsApprovedAsync(db, KindOf(run), SubjectOf(run.CorrelationId), run.PlanHash!, run.LastProgressAt, cancellationToken);

    /// <summary>Nobody has to be asked about a run any more, in the caller's transaction.</summary>
    public async Task WithdrawAsync(HubDbContext db, BackfillRunState run, CancellationToken cancellationToken)
    {
        if (await ApprovalDesk.FindWaitingAsync(db, KindOf(run), SubjectOf(run.CorrelationId), cancellationToken) is { } waiting)
        {
            await ApprovalDesk.EndAsync(db, waiting, ApprovalState.Withdrawn, time.GetUtcNow(), cancellationToken);
        }
    }

    private static string KindOf(BackfillRunState run) => run.Kind == BackfillKind.Rollback ? ApprovalKind.Rollback : ApprovalKind.Backfill;
}
