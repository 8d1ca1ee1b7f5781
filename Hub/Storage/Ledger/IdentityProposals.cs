using IntegrationHub.Identity;

namespace IntegrationHub.Storage.Ledger;

/// <summary>What people should decide about identity. Nobody is merged by a guess.</summary>
/// <param name="Counts">How many there are by kind: contested keys by the word for their kind, <see cref="MergeKind"/>, and <see cref="UndecidedKind"/>; of each source at most one more than <see cref="Paging.Page.MostCounted"/>.</param>
/// <param name="Contested">Keys that several people claim, with who; at most as many as asked for.</param>
/// <param name="Merges">Merges that producers stated who do not rule over identity, or whose people are not known yet.</param>
public sealed record IdentityProposals(
    IReadOnlyList<(string Kind, long Count)> Counts, IReadOnlyList<(PersonKey Key, IReadOnlyList<PersonKey> Candidates)> Contested, IReadOnlyList<MergeProposal> Merges)
{
    /// <summary>The kind of proposals to merge.</summary>
    public const string MergeKind = "merge";

    /// <summary>The kind of keys that an erased person had and others have too.</summary>
    public const string UndecidedKind = "undecided";

    /// <summary>Keys that an erased person had and others have too, with the people who have or had them: they are sent nothing until somebody decides. At most as many as asked for.</summary>
    public IReadOnlyList<(PersonKey Key, IReadOnlyList<PersonKey> Holders)> Undecided { get; init; } = [];
}
