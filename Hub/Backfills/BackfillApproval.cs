using IntegrationHub.Contracts.Backfills;
using IntegrationHub.Hub.Approvals;
using IntegrationHub.Sagas.BackfillRun;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Approvals;
using IntegrationHub.Storage.Backfills;

namespace IntegrationHub.Hub.Backfills;

/// <summary>
/// Backfills, rollbacks and replays that wait for somebody's agreement: asked for when they begin to wait, withdrawn when they are over. Nothing is written without a word; about few people
/// one word is enough, also of whoever planned it or of a program. What was asked for at once counts as one: several destinations of few people each may be many together.
/// </summary>
internal sealed class BackfillApproval(ApprovalRules rules, TimeProvider time)
{
    private const string Prefix = "backfill:";

    /// <summary>What an approval of a backfill is about.</summary>
    public static string SubjectOf(Guid runId) => $"{Prefix}{runId}";

    /// <summary>The run that an approval is about.</summary>
    public static Guid RunOf(Approval approval) => Guid.Parse(approval.Request.Subject[Prefix.Length..]);

    /// <summary>
    /// Asks for approval of every plan that waits and is decided about as one with a run's, in the caller's transaction; asks nobody while one of them is not planned yet, since nobody can tell how much it is. The
    /// last one that is planned asks for all.
    /// </summary>
    public async Task AskAsync(HubDbContext db, Guid runId, CancellationToken cancellationToken)
    {
        if (await BackfillBook.FindJoinedAsync(db, runId, cancellationToken) is not { IsWhole: true } decision)
        {
            return;
        }

        foreach (var run in decision.Waiting)
        {
            await (await IsGivenAsync(db, run, cancellationToken) ? Task.CompletedTask : RequestAsync(db, run, cancellationToken));
        }
    }

    /// <summary>Asks for approval of a run's plan, in the caller's transaction. Where plans that are decided about with it do not stand yet, it counts as about many.</summary>
    public async Task<Guid> RequestAsync(HubDbContext db, BackfillRunState run, CancellationToken cancellationToken)
    {
        var (records, now) = (run.ToWrite ?? 0, time.GetUtcNow());
        var scope = (await BackfillBook.FindPlanAsync(db, run.CorrelationId, cancellationToken))?.Scope;
        var rule = rules.For(KindOf(run, scope));
        var decision = await BackfillBook.FindJoinedAsync(db, run.CorrelationId, cancellationToken);
        var isOfMany = IsOfMany(rule, decision, scope);
        var together = decision.ToWrite > records ? $" With the other destinations that it was planned for: {decision.ToWrite}." : "";
        return await ApprovalDesk.RequestAsync(
            db,
            new ApprovalRequest(
                rule.Kind, SubjectOf(run.CorrelationId), run.PlanHash!, run.RequestedBy, now, now + rule.Expires, isOfMany ? rule.Needed : 1, isOfMany && rule.FourEyes,
                $"{WhatOf(run, scope)}: {records} of {run.Planned} {(run.Kind == BackfillKind.Redeliver ? "events" : "people")}{(run.Destination.Length == 0 ? "" : $" at {run.Destination}")}.{together} 'backfill show {run.CorrelationId}' shows the plan."),
            cancellationToken);
    }

    /// <summary>Whether a run's plan is more than one word starts: it has to be approved by its hash.</summary>
    public async Task<bool> IsNeededAsync(HubDbContext db, BackfillRunState run, CancellationToken cancellationToken)
    {
        var scope = (await BackfillBook.FindPlanAsync(db, run.CorrelationId, cancellationToken))?.Scope;
        return IsOfMany(rules.For(KindOf(run, scope)), await BackfillBook.FindJoinedAsync(db, run.CorrelationId, cancellationToken), scope);
    }

    /// <summary>Whether the plan was agreed to since the run began to wait, so that it goes on in a moment.</summary>
    public static async Task<bool> IsGivenAsync(HubDbContext db, BackfillRunState run, CancellationToken cancellationToken) =>
        await ApprovalDesk.IsApprovedAsync(db, await KindOfAsync(db, run, cancellationToken), SubjectOf(run.CorrelationId), run.PlanHash!, run.LastProgressAt, cancellationToken);

    /// <summary>Nobody has to be asked about a run any more, in the caller's transaction.</summary>
    public async Task WithdrawAsync(HubDbContext db, BackfillRunState run, CancellationToken cancellationToken)
    {
        if (await ApprovalDesk.FindWaitingAsync(db, await KindOfAsync(db, run, cancellationToken), SubjectOf(run.CorrelationId), cancellationToken) is { } waiting)
        {
            await ApprovalDesk.EndAsync(db, waiting, ApprovalState.Withdrawn, time.GetUtcNow(), cancellationToken);
        }
    }

    private static bool IsOfMany(ApprovalRule rule, JoinedBackfills decision, BackfillScope? scope) => !decision.IsWhole || rule.IsNeededFor(decision.ToWrite) || scope is { Facts.AllowRepeat: true };

    private static string WhatOf(BackfillRunState run, BackfillScope? scope) => run switch
    {
        { RollsBack: { } back } => $"Take back what run {back} wrote",
        { Kind: BackfillKind.Rebuild } => "Bring state to what the log says",
        { Kind: BackfillKind.Redeliver } => $"Tell again of events{(scope is { Facts.AllowRepeat: true } ? ", some perhaps for the second time" : "")}{(scope is { Loud: true } ? ", loudly, so that vendor automation may start" : "")}",
        _ => scope is { Loud: true } ? "Write attributes loudly, so that people may be created and vendor automation may start" : "Write attributes",
    };

    private static async Task<string> KindOfAsync(HubDbContext db, BackfillRunState run, CancellationToken cancellationToken) =>
        KindOf(run, (await BackfillBook.FindPlanAsync(db, run.CorrelationId, cancellationToken))?.Scope);

    private static string KindOf(BackfillRunState run, BackfillScope? scope) => run.Kind switch
    {
        BackfillKind.Rollback => ApprovalKind.Rollback,
        _ when scope is { Loud: true } => ApprovalKind.Loud,
        BackfillKind.Redeliver or BackfillKind.Rebuild => ApprovalKind.Replay,
        _ => ApprovalKind.Backfill,
    };
}
