using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using IntegrationHub.Hub.Approvals;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Approvals;
using IntegrationHub.Storage.DeadLetters;
using MassTransit;

namespace IntegrationHub.Hub.DeadLetters;

/// <summary>Replays of letters that the vendor may have already, which would double there: where <c>approvals.yaml</c> says so, somebody has to agree before they take a letter.</summary>
internal sealed class LetterApproval(ApprovalRules rules, TimeProvider time) : IApprovable
{
    private const string Prefix = "letter-action:";

    /// <inheritdoc />
    public string Kind => ApprovalKind.Letters;

    /// <summary>Whether somebody has to agree.</summary>
    /// <param name="repeats">How many letters the vendor may have already.</param>
    public bool IsNeededFor(long repeats) => rules.IsAsked(Kind, repeats);

    /// <summary>Asks for agreement to an action that waits, in the caller's transaction.</summary>
    public async Task AskAsync(HubDbContext db, LetterAction action, CancellationToken cancellationToken)
    {
        var (count, repeats) = await LetterActions.CountWaitingAsync(db, action, cancellationToken);
        var (rule, now) = (rules.For(Kind), time.GetUtcNow());
        await ApprovalDesk.RequestAsync(
            db,
            new ApprovalRequest(
                Kind, SubjectOf(action.ActionId), HashOf(action, count, repeats), action.By, now, now + rule.Expires, rule.Needed, rule.FourEyes,
                $"Send {count} dead letters to {action.Filter.Destination} again; {repeats} of them may have arrived, and their counts, sums and triggers would double there."),
            cancellationToken);
    }

    /// <summary>Nobody has to be asked about an action any more, in the caller's transaction.</summary>
    public async Task WithdrawAsync(HubDbContext db, long actionId, CancellationToken cancellationToken)
    {
        if (await ApprovalDesk.FindWaitingAsync(db, Kind, SubjectOf(actionId), cancellationToken) is { } waiting)
        {
            await ApprovalDesk.EndAsync(db, waiting, ApprovalState.Withdrawn, time.GetUtcNow(), cancellationToken);
        }
    }

    /// <inheritdoc />
    public async Task ReleaseAsync(HubDbContext db, IPublishEndpoint outbox, Approval approval, CancellationToken cancellationToken)
    {
        var actionId = IdOf(approval);
        await LetterActions.LockAsync(db, cancellationToken);
        if (await LetterActions.FindAsync(db, actionId, cancellationToken) is not { State: LetterActionState.Waiting } action
            || await LetterActions.CountWaitingAsync(db, action, cancellationToken) is var (count, repeats) && HashOf(action, count, repeats) != approval.Request.PlanHash)
        {
            throw new PlanChangedException($"Action {actionId} would not have the letters any more that it was asked for. 'deadletters stop {actionId}' it and replay them anew.");
        }

        if ((await LetterActions.ListOpenAsync(db, cancellationToken)).Any(open => open.State == LetterActionState.Freezing && open.Filter.Destination == action.Filter.Destination))
        {
            throw new PlanChangedException($"Another action takes letters of {action.Filter.Destination} at this moment. 'deadletters stop {actionId}' this one and replay them anew.");
        }

        await LetterActions.LetGoAsync(db, actionId, cancellationToken);
    }

    /// <inheritdoc />
    public Task RefuseAsync(HubDbContext db, IPublishEndpoint outbox, Approval approval, CancellationToken cancellationToken) =>
        LetterActions.StopAsync(db, IdOf(approval), approval.Decisions.Count > 0 ? approval.Decisions[^1].By : "hub", cancellationToken);

    private static string SubjectOf(long actionId) => string.Create(CultureInfo.InvariantCulture, $"{Prefix}{actionId}");

    private static long IdOf(Approval approval) => long.Parse(approval.Request.Subject[Prefix.Length..], CultureInfo.InvariantCulture);

    private static string HashOf(LetterAction action, long count, long repeats) =>
        Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(new { action.ActionId, action.Filter, count, repeats })))[..32];
}
