using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Security;

namespace IntegrationHub.Hub.Approvals;

/// <summary>Who has to agree to what: <c>approvals.yaml</c>, and what holds where it says nothing.</summary>
internal sealed class ApprovalRules(HubConfiguration configuration, ApiKey key)
{
    private const long FewPeople = 1_000;
    private static readonly TimeSpan? _week = TimeSpan.FromDays(7);

    /// <summary>The rule for a kind.</summary>
    /// <param name="kind">One of <see cref="ApprovalKind"/>.</param>
    public ApprovalRule For(string kind)
    {
        var said = configuration.Approvals.GetValueOrDefault(kind);
        return new ApprovalRule(
            kind,
            said?.Needed ?? 1,
            said?.FourEyes ?? (ApprovalKind.IsOfFourEyes(kind) && key.AreKeysRequired), // Without keys there is one person only: whoever sits at this machine.
            said?.AbovePeople ?? (kind == ApprovalKind.Backfill ? FewPeople : 0),
            said?.Expires ?? (ApprovalKind.WaitsForEver(kind) ? null : _week));
    }

    /// <summary>Whether somebody is asked about what is done at once otherwise: where four eyes look at it, or <c>approvals.yaml</c> names it.</summary>
    /// <param name="kind">One of <see cref="ApprovalKind"/>.</param>
    /// <param name="people">How many people it concerns.</param>
    public bool IsAsked(string kind, long people) => For(kind) is var rule && rule.IsNeededFor(people) && (rule.FourEyes || configuration.Approvals.ContainsKey(kind));
}
