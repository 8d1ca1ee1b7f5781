using IntegrationHub.Identity;

namespace IntegrationHub.Storage.Ledger;

/// <summary>What people should decide about identity, and what producers decide who rule over it.</summary>
public sealed class ProposalDesk
{
    private const string DefaultTenant = "default";

    private readonly IdentityIntake _identity;
    private readonly IdentityDesk _desk;
    private readonly IdentityRules _rules;

    internal ProposalDesk(IdentityIntake identity, IdentityDesk desk, IdentityRules rules) => (_identity, _desk, _rules) = (identity, desk, rules);

    /// <summary>Lists what is to be decided.</summary>
    /// <param name="db">The database.</param>
    /// <param name="kind">Only of this kind: a word of <see cref="PersonKey.Words"/>, <see cref="IdentityProposals.MergeKind"/> or <see cref="IdentityProposals.UndecidedKind"/>; of all when null.</param>
    /// <param name="limit">At most so many of each.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public async Task<IdentityProposals> ListAsync(HubDbContext db, string? kind, int limit, CancellationToken cancellationToken)
    {
        var contested = kind is IdentityProposals.MergeKind or IdentityProposals.UndecidedKind ? [] : await ProposalTables.LoadContestedAsync(db, DefaultTenant, kind, limit, cancellationToken);
        var book = contested.Count == 0 ? null : await _identity.ResolveAnewAsync(db, DefaultTenant, contested, [], cancellationToken);
        return new IdentityProposals(
            [.. await ProposalTables.CountAsync(db, DefaultTenant, cancellationToken), .. await UndecidedKeys.CountAsync(db, cancellationToken) is > 0 and var undecided ? [(IdentityProposals.UndecidedKind, undecided)] : Array.Empty<(string, long)>()],
            [.. contested.Select(key => (key, book!.StandOf(key).Candidates))],
            kind is null or IdentityProposals.MergeKind ? await ProposalTables.LoadAsync(db, DefaultTenant, null, limit, cancellationToken) : [])
        {
            Undecided = kind is null or IdentityProposals.UndecidedKind ? await UndecidedKeys.ListAsync(db, limit, cancellationToken) : [],
        };
    }

    /// <summary>Merges of producers who rule over identity, whose people are both known by now.</summary>
    /// <param name="db">The database.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public async Task<IReadOnlyList<MergeProposal>> FindMergesAsync(HubDbContext db, int limit, CancellationToken cancellationToken) =>
        _rules.Authoritative.Count == 0 ? [] : await ProposalTables.LoadAsync(db, DefaultTenant, _rules.Authoritative, limit, cancellationToken);

    /// <summary>
    /// Makes a producer's merge a decision, in the caller's transaction. It gives way to what people decided about the two since it was so. Where one of the two is nobody with a
    /// primary key, or not known, it stays a proposal.
    /// </summary>
    /// <returns>What became of it; <see cref="RulingOutcome.PersonUnknown"/> while it waits for somebody.</returns>
    public async Task<RulingOutcome> DecideAsync(HubDbContext db, MergeProposal proposal, DateTimeOffset now, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(proposal);
        var book = await _identity.ResolveAnewAsync(db, DefaultTenant, [proposal.Stays, proposal.Gone], [], cancellationToken);
        if (PrimaryOf(book, proposal.Stays) is not { } stays || PrimaryOf(book, proposal.Gone) is not { } gone)
        {
            await ProposalTables.WaitAsync(db, proposal.EventId, cancellationToken);
            return RulingOutcome.PersonUnknown;
        }

        var decided = stays == gone ? [] : await IdentityTables.LoadDecisionsAsync(db, DefaultTenant, [stays, gone], cancellationToken);
        var (a, b) = stays.CompareTo(gone) <= 0 ? (stays, gone) : (gone, stays);
        var isOver = stays == gone || decided.Any(decision => (decision.A, decision.B) == (a, b) && decision.At >= proposal.OccurredAt);
        var outcome = isOver
            ? RulingOutcome.Unchanged
            : (await _desk.DecideAsync(db, new IdentityRuling(IdentityVerdict.Merge, stays, gone, $"producer: {proposal.Producer}", $"profile_merged {proposal.EventId}"), now, cancellationToken)).Outcome;
        await (outcome is RulingOutcome.Decided or RulingOutcome.Unchanged
            ? ProposalTables.SettleAsync(db, proposal.EventId, outcome == RulingOutcome.Decided ? "decided" : "unchanged", cancellationToken)
            : ProposalTables.WaitAsync(db, proposal.EventId, cancellationToken));
        return outcome;
    }

    /// <summary>The primary key that is meant: the one that is named, or the first of whoever holds the key that is.</summary>
    private static PersonKey? PrimaryOf(KeyBook book, PersonKey key) =>
        key.Kind == KeyKind.ExternalId ? key : book.StandOf(key).Person is { Kind: KeyKind.ExternalId } person ? person : null;
}
