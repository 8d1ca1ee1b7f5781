using IntegrationHub.Hub.Approvals;
using IntegrationHub.Sagas.Erasure.Messages;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Approvals;
using IntegrationHub.Storage.Erasures;
using MassTransit;

namespace IntegrationHub.Hub.Erasure;

/// <summary>Erasures, and returns of people who were erased, that somebody has to agree to: where four eyes look at them, or <c>approvals.yaml</c> says so.</summary>
internal sealed class ErasureApproval(ApprovalRules rules, ErasureAcceptance acceptance, TimeProvider time) : IApprovable
{
    private const string Request = "erasure:";
    private const string Return = "erasure-return:";

    /// <inheritdoc />
    public string Kind => ApprovalKind.Erasure;

    /// <summary>True when somebody has to agree to an erasure.</summary>
    public bool IsAsked => rules.IsAsked(Kind, people: 1);

    /// <summary>What an approval of an erasure is about.</summary>
    public static string SubjectOf(Guid requestId) => $"{Request}{requestId}";

    /// <summary>Asks for agreement to an erasure, in the caller's transaction; null when nobody has to be asked.</summary>
    public Task<Guid?> AskAsync(HubDbContext db, Guid requestId, string subjectHash, string law, string by, CancellationToken cancellationToken) =>
        AskAsync(db, SubjectOf(requestId), subjectHash, by, $"Erase one person everywhere under {law}. It cannot be undone.", cancellationToken);

    /// <summary>Asks whether an erased person may come back, in the caller's transaction; null when nobody has to be asked.</summary>
    public Task<Guid?> AskReturnAsync(HubDbContext db, Guid requestId, string by, CancellationToken cancellationToken) =>
        AskAsync(db, $"{Return}{requestId}", "return", by, "Let a person who was erased come back with the next grant of their own.", cancellationToken);

    /// <inheritdoc />
    public async Task<IAsyncDisposable?> HoldAsync(Approval approval, CancellationToken cancellationToken) =>
        IdOf(approval, Request) is { } requestId ? await acceptance.HoldAsync(requestId, cancellationToken) : null;

    /// <inheritdoc />
    public async Task ReleaseAsync(HubDbContext db, IPublishEndpoint outbox, Approval approval, CancellationToken cancellationToken)
    {
        if (IdOf(approval, Return) is { } returns)
        {
            await (await ErasureBook.FindAsync(db, returns, cancellationToken) is { } erasure ? Tombstones.AllowReturnAsync(db, erasure, approval.EndedAt!.Value, cancellationToken) : Task.CompletedTask);
        }
        else if (IdOf(approval, Request) is { } requestId)
        {
            await acceptance.SuppressAsync(db, requestId, time.GetUtcNow(), cancellationToken);
            await outbox.Publish(new ApproveErasure { RequestId = requestId, By = approval.Decisions[^1].By, At = approval.EndedAt!.Value }, cancellationToken);
        }
    }

    /// <inheritdoc />
    public async Task RefuseAsync(HubDbContext db, IPublishEndpoint outbox, Approval approval, CancellationToken cancellationToken)
    {
        if (IdOf(approval, Request) is { } requestId)
        {
            await SealedPeople.ForgetAsync(db, requestId, cancellationToken);
            await outbox.Publish(new RefuseErasure { RequestId = requestId, By = approval.Decisions.Count > 0 ? approval.Decisions[^1].By : "hub", At = approval.EndedAt!.Value }, cancellationToken);
        }
    }

    private async Task<Guid?> AskAsync(HubDbContext db, string subject, string plan, string by, string summary, CancellationToken cancellationToken)
    {
        if (!IsAsked)
        {
            return null;
        }

        var (rule, now) = (rules.For(Kind), time.GetUtcNow());
        return await ApprovalDesk.RequestAsync(db, new ApprovalRequest(Kind, subject, plan, by, now, now + rule.Expires, rule.Needed, rule.FourEyes, summary), cancellationToken);
    }

    private static Guid? IdOf(Approval approval, string prefix) =>
        approval.Request.Subject.StartsWith(prefix, StringComparison.Ordinal) ? Guid.Parse(approval.Request.Subject[prefix.Length..]) : null;
}
