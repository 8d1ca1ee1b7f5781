using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Hub.Approvals;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Runs;
using IntegrationHub.Hub.Security;
using IntegrationHub.Storage.Backfills;

namespace IntegrationHub.Hub.Backfills;

/// <summary>A word to the plan, or the plans, on the caller's screen, by hash; asks for it first where the hub has not yet.</summary>
internal sealed class BackfillWord(ApprovalCourt court, BackfillApproval approvals, OutboxTransaction transactions)
{
    /// <summary>Agrees to every plan that waits, or to none of them.</summary>
    /// <param name="match">What was looked at.</param>
    /// <param name="said">Hash of what was looked at, of the plan or of all plans together; and why.</param>
    /// <param name="by">Who.</param>
    /// <param name="via">By what way.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>How each approval stands, by run, or why none was given.</returns>
    public async Task<(IReadOnlyDictionary<Guid, ApprovalJson>? Approved, RunRefusal? Refusal)> ApproveAsync(
        BackfillMatch match, ApprovalBody said, Principal by, string via, CancellationToken cancellationToken)
    {
        var waiting = match.Runs.Where(view => view.Run.CurrentState == RunState.AwaitingApproval).ToList();
        var hash = match.IsGroup ? BackfillGroupJson.HashOf(match.Runs.Select(view => (view.Run.CorrelationId, view.Run.PlanHash))) : match.Runs[0].Run.PlanHash;
        if (waiting.Count == 0 || hash is null)
        {
            return (null, NotWaiting(match, "approve"));
        }

        if (said.PlanHash != hash)
        {
            return (null, new RunRefusal(409, "plan-changed", "plan_hash", $"Backfill {match.Id} has another plan than the one that you looked at. 'backfill show {match.Id}' shows it."));
        }

        var words = new List<(Guid, Verdict)>(waiting.Count);
        foreach (var view in waiting)
        {
            var approvalId = await transactions.RunAsync((db, _) => approvals.RequestAsync(db, view.Run, cancellationToken), cancellationToken);
            words.Add((approvalId, new Verdict(by, via, Approves: true, said.Reason?.Trim(), view.Run.PlanHash)));
        }

        var (given, refused) = await court.DecideAllAsync(words, cancellationToken);
        return refused is { } at
            ? (null, new RunRefusal(at.Refusal.Status, at.Refusal.Type, at.Refusal.Field, waiting.Count == 1 ? at.Refusal.Detail : $"Nothing is agreed to, at no destination. {waiting[at.Place].Run.Destination}: {at.Refusal.Detail}"))
            : (given!.Zip(waiting).ToDictionary(pair => pair.Second.Run.CorrelationId, pair => ApprovalJson.From(pair.First)), null);
    }

    /// <summary>Starts every plan that waits and needs no approval, or none of them. What was approved has begun by itself.</summary>
    /// <param name="match">What to start.</param>
    /// <param name="reason">Why, or null.</param>
    /// <param name="by">Who.</param>
    /// <param name="via">By what way.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>As <see cref="ApproveAsync"/>.</returns>
    public async Task<(IReadOnlyDictionary<Guid, ApprovalJson>? Started, RunRefusal? Refusal)> StartAsync(
        BackfillMatch match, string? reason, Principal by, string via, CancellationToken cancellationToken)
    {
        var waiting = match.Runs.Where(view => view.Run.CurrentState == RunState.AwaitingApproval).ToList();
        var hash = match.IsGroup ? BackfillGroupJson.HashOf(match.Runs.Select(view => (view.Run.CorrelationId, view.Run.PlanHash))) : match.Runs[0].Run.PlanHash;
        if (waiting.Count == 0 || hash is null)
        {
            return (null, match.Runs.All(view => view.Run.FinishedAt is not null) ? Over(match) : new RunRefusal(
                409, "run-not-waiting", "run_id",
                $"There is nothing to start: {string.Join(", ", match.Runs.Select(StateOf))}. A backfill that was approved begins by itself, and one that is not planned yet waits for its plan. 'backfill show {match.Id}' says more."));
        }

        foreach (var view in waiting)
        {
            if (await transactions.ReadAsync(db => approvals.IsNeededAsync(db, view.Run, cancellationToken)))
            {
                return (null, new RunRefusal(
                    409, "approval-needed", "run_id",
                    $"Run {view.Run.CorrelationId} writes more than starts without approval, or what cannot be taken back. Nothing was started. Look at it with 'backfill show {match.Id}', then: backfill approve {match.Id} --plan {hash} --reason TEXT"));
            }
        }

        return await ApproveAsync(match, new ApprovalBody(hash) { Reason = reason }, by, via, cancellationToken);

        static string StateOf(BackfillView view) => $"run {view.Run.CorrelationId} is {view.Run.CurrentState}";
    }

    /// <summary>Nothing of it waits for a word, or for this verb.</summary>
    public static RunRefusal NotWaiting(BackfillMatch match, string verb) => new(
        409, "run-not-waiting", "run_id",
        $"{(match.IsGroup ? $"The runs of {match.Id} are {string.Join(", ", match.Runs.Select(view => $"{view.Run.CurrentState} at {view.Run.Destination}"))}" : $"Run {match.Id} is {match.Runs[0].Run.CurrentState}")}; there is nothing to {verb}. 'backfill show {match.Id}' says what it waits for.");

    /// <summary>All of it is over.</summary>
    public static RunRefusal Over(BackfillMatch match) => new(
        409, "run-over", "run_id", $"Backfill {match.Id} is over ({string.Join(", ", match.Runs.Select(view => view.Run.CurrentState).Distinct())}); it cannot be changed any more. What it wrote can be taken back: 'backfill rollback {match.Id}'.");
}
