using System.Globalization;
using IntegrationHub.Hub.Approvals;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Approvals;
using IntegrationHub.Storage.Ledger;
using MassTransit;

namespace IntegrationHub.Hub.Identities;

/// <summary>Merges of two people that somebody has to agree to: where four eyes look at them, or <c>approvals.yaml</c> says so. The two are merged when the last word is said.</summary>
internal sealed class MergeApproval(ApprovalRules rules, IdentityDesk desk, TimeProvider time) : IApprovable
{
    private const string Prefix = "merge:";
    private const int People = 2;

    /// <inheritdoc />
    public string Kind => ApprovalKind.Merge;

    /// <summary>Whether somebody has to agree.</summary>
    public bool IsNeeded => rules.IsAsked(Kind, People);

    /// <summary>Asks for agreement to a merge of two people as they are now, in the caller's transaction; null when one of them is not known.</summary>
    public async Task<Approval?> AskAsync(HubDbContext db, IdentityRuling ruling, CancellationToken cancellationToken)
    {
        var (one, other) = (ruling.Key, ruling.Other!.Value);
        if (await desk.PlanMergeAsync(db, one, other, cancellationToken) is not { } plan)
        {
            return null;
        }

        var (rule, now) = (rules.For(Kind), time.GetUtcNow());
        var id = await ApprovalDesk.RequestAsync(
            db,
            new ApprovalRequest(
                Kind, string.Create(CultureInfo.InvariantCulture, $"{Prefix}{plan.One}:{plan.Other}"), plan.Hash, ruling.By, now, now + rule.Expires, rule.Needed, rule.FourEyes,
                $"Make {KeyText.Mask(one)} and {KeyText.Mask(other)} one person: {ruling.Reason}"),
            cancellationToken);
        return await ApprovalDesk.FindAsync(db, id, cancellationToken);
    }

    /// <inheritdoc />
    public async Task ReleaseAsync(HubDbContext db, IPublishEndpoint outbox, Approval approval, CancellationToken cancellationToken)
    {
        var people = approval.Request.Subject[Prefix.Length..].Split(':');
        var (one, other) = (long.Parse(people[0], CultureInfo.InvariantCulture), long.Parse(people[1], CultureInfo.InvariantCulture));
        var reason = $"{approval.Request.Summary} (agreed: {string.Join(", ", approval.Decisions.Select(said => said.By))})";
        if (await desk.MergeAsync(db, new MergePlan(one, other, approval.Request.PlanHash), approval.Request.RequestedBy, reason, time.GetUtcNow(), cancellationToken) is not { Holds: true })
        {
            throw new PlanChangedException("The two people are not as they were when the merge was asked for: a key, an attribute or a decision about them is another one. Look at them again with 'identity show', then ask again with 'identity merge'.");
        }
    }

    /// <inheritdoc />
    public Task RefuseAsync(HubDbContext db, IPublishEndpoint outbox, Approval approval, CancellationToken cancellationToken) => Task.CompletedTask;
}
