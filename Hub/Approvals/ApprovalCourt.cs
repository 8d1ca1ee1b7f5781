using IntegrationHub.Hub.Messaging;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Approvals;
using IntegrationHub.Storage.Audit;
using IntegrationHub.Storage.Renames;
using MassTransit;

namespace IntegrationHub.Hub.Approvals;

/// <summary>Takes decisions: the word, what it sets free or ends, and the entry in the audit log stand in one transaction.</summary>
internal sealed class ApprovalCourt(IEnumerable<IApprovable> approvables, OutboxTransaction transactions, TimeProvider time)
{
    private readonly Dictionary<string, IApprovable> _approvables = approvables.ToDictionary(approvable => approvable.Kind, StringComparer.Ordinal);

    /// <summary>Decides.</summary>
    /// <returns>The approval after it, or why nothing was decided.</returns>
    public async Task<(Approval? Approval, ApprovalRefusal? Refusal)> DecideAsync(Guid approvalId, Verdict verdict, CancellationToken cancellationToken)
    {
        var (approvals, refused) = await DecideAllAsync([(approvalId, verdict)], cancellationToken);
        return (approvals?[0], refused?.Refusal);
    }

    /// <summary>Takes several decisions, all of them or none.</summary>
    /// <returns>The approvals after it; or which of them, by its place, is refused and why, and then nothing was decided.</returns>
    public async Task<(IReadOnlyList<Approval>? Approvals, (int Place, ApprovalRefusal Refusal)? Refused)> DecideAllAsync(IReadOnlyList<(Guid ApprovalId, Verdict Verdict)> words, CancellationToken cancellationToken)
    {
        var place = 0;
        var held = new List<IAsyncDisposable>();
        try
        {
            await HoldAsync(words, held, cancellationToken);
            return await Deadlock.TryAsync(() => transactions.RunAsync<(IReadOnlyList<Approval>?, (int, ApprovalRefusal)?)>(
                async (db, outbox) =>
                {
                    var decided = new List<Approval>(words.Count);
                    for (place = 0; place < words.Count; place++)
                    {
                        var (approval, refusal) = await TakeAsync(db, outbox, words[place].ApprovalId, words[place].Verdict, cancellationToken);
                        if (refusal is not null)
                        {
                            return ((null, (place, refusal)), false);
                        }

                        decided.Add(approval!);
                    }

                    // Last: whoever appends holds up everybody else who does.
                    foreach (var (approval, word) in decided.Zip(words))
                    {
                        await NoteAsync(db, approval, word.Verdict, cancellationToken);
                    }

                    return ((decided, null), true);
                },
                cancellationToken));
        }
        catch (PlanChangedException changed)
        {
            await WithdrawAsync(words[place].ApprovalId, words[place].Verdict, cancellationToken);
            return (null, (place, new ApprovalRefusal(409, "plan-changed", "plan_hash", changed.Message)));
        }
        catch (RenameRefusedException refused)
        {
            return (null, (place, new ApprovalRefusal(409, refused.Type, "plan_hash", refused.Message))); // over when the work is; what is agreed to stays the same
        }
        finally
        {
            foreach (var one in held)
            {
                await one.DisposeAsync();
            }
        }
    }

    private async Task HoldAsync(IReadOnlyList<(Guid ApprovalId, Verdict Verdict)> words, List<IAsyncDisposable> held, CancellationToken cancellationToken)
    {
        foreach (var (approvalId, _) in words.Where(word => word.Verdict.Approves))
        {
            if (await transactions.ReadAsync(db => ApprovalDesk.FindAsync(db, approvalId, cancellationToken)) is { State: ApprovalState.Waiting } asked
                && _approvables.TryGetValue(asked.Request.Kind, out var approvable) && await approvable.HoldAsync(asked, cancellationToken) is { } hold)
            {
                held.Add(hold);
            }
        }
    }

    /// <summary>Decides, in the caller's transaction; does not catch <see cref="PlanChangedException"/>.</summary>
    public async Task<(Approval? Approval, ApprovalRefusal? Refusal)> DecideAsync(HubDbContext db, IPublishEndpoint outbox, Guid approvalId, Verdict verdict, CancellationToken cancellationToken)
    {
        var (decided, refusal) = await TakeAsync(db, outbox, approvalId, verdict, cancellationToken);
        await (decided is null ? Task.CompletedTask : NoteAsync(db, decided, verdict, cancellationToken));
        return (decided, refusal);
    }

    private async Task<(Approval? Approval, ApprovalRefusal? Refusal)> TakeAsync(HubDbContext db, IPublishEndpoint outbox, Guid approvalId, Verdict verdict, CancellationToken cancellationToken)
    {
        if (await ApprovalDesk.FindAsync(db, approvalId, cancellationToken) is not { } asked)
        {
            return (null, new ApprovalRefusal(404, "approval-unknown", "approval_id", $"There is no approval {approvalId}. 'approvals list' shows them."));
        }

        if (Refuse(asked, verdict) is { } refusal)
        {
            return (null, refusal);
        }

        if (await ApprovalDesk.DecideAsync(db, approvalId, new ApprovalDecision(verdict.By.Id, time.GetUtcNow(), verdict.Approves, verdict.Reason), cancellationToken) is not { } decided)
        {
            return (null, Over((await ApprovalDesk.FindAsync(db, approvalId, cancellationToken))!));
        }

        var approvable = _approvables[decided.Request.Kind];
        if (decided.State == ApprovalState.Approved)
        {
            await approvable.ReleaseAsync(db, outbox, decided, cancellationToken);
        }
        else if (decided.State == ApprovalState.Refused)
        {
            await approvable.RefuseAsync(db, outbox, decided, cancellationToken);
        }

        return (decided, null);
    }

    private static Task<long> NoteAsync(HubDbContext db, Approval decided, Verdict verdict, CancellationToken cancellationToken) => AuditLog.AppendAsync(
        db,
        new AuditEntry(
            decided.Decisions.Last(said => said.By == verdict.By.Id).At, verdict.By.Id, verdict.Via, $"{decided.Request.Kind}.{(verdict.Approves ? "approve" : "refuse")}", decided.Request.Subject, verdict.Reason,
            AfterHash: decided.Request.PlanHash),
        cancellationToken);

    private ApprovalRefusal? Refuse(Approval asked, Verdict verdict) => asked switch
    {
        { State: not ApprovalState.Waiting } => Over(asked),
        { Unreadable: { } column } => new ApprovalRefusal(409, "approval-unreadable", "approval_id", $"{UnreadableRow.Say("approvals", asked.ApprovalId, column)} Or cancel what it is about, and ask for it anew."),
        _ when asked.Request.ExpiresAt <= time.GetUtcNow() => new ApprovalRefusal(409, "approval-expired", "approval_id", $"It was to be decided until {asked.Request.ExpiresAt:u}. Ask for it anew."),
        _ when verdict.PlanHash is { } seen && seen != asked.Request.PlanHash =>
            new ApprovalRefusal(409, "plan-changed", "plan_hash", "What you looked at is not what waits: the plan has changed. Look at it again: 'approvals show' names the plan's hash."),
        _ when !_approvables.ContainsKey(asked.Request.Kind) => new ApprovalRefusal(409, "kind-unknown", "approval_id", $"This hub does not know what {asked.Request.Kind} is: it is of an earlier version than the one that asked. Decide at a newer hub."),
        _ when verdict.Approves => ApprovalRight.Refuse(asked, verdict.By),
        _ => null,
    };

    private static ApprovalRefusal Over(Approval asked) =>
        new(409, "approval-over", "approval_id", $"It does not wait any more: it is {asked.State} since {asked.EndedAt:u}. {(asked.State == ApprovalState.Approved ? "What was asked for goes on." : "Ask for it anew where it is still wanted.")}");

    private Task WithdrawAsync(Guid approvalId, Verdict verdict, CancellationToken cancellationToken) => transactions.RunAsync(
        async (db, _) =>
        {
            var now = time.GetUtcNow();
            if (await ApprovalDesk.FindAsync(db, approvalId, cancellationToken) is { } asked && await ApprovalDesk.EndAsync(db, asked, ApprovalState.Withdrawn, now, cancellationToken))
            {
                await AuditLog.AppendAsync(db, new AuditEntry(now, verdict.By.Id, verdict.Via, "approval.withdraw", asked.Request.Subject, "The plan has changed.", AfterHash: asked.Request.PlanHash), cancellationToken);
                await _approvables[asked.Request.Kind].AskAgainAsync(db, asked, cancellationToken);
            }
        },
        cancellationToken);
}
