using IntegrationHub.Identity;

namespace IntegrationHub.Storage.Ledger;

/// <summary>What became of a ruling, and where its keys stand now. Personal data.</summary>
/// <param name="Outcome">What became of it.</param>
/// <param name="Keys">The keys of the ruling with where they stand; as they stood when nothing was decided.</param>
public sealed record RulingResult(RulingOutcome Outcome, IReadOnlyList<(PersonKey Key, ResolvedKey Stand)> Keys)
{
    /// <summary>True when it holds now, whether it did before or not.</summary>
    public bool Holds => Outcome is RulingOutcome.Decided or RulingOutcome.Unchanged;

    /// <summary>With <see cref="RulingOutcome.JoinedByOthers"/>: the merges by which the two stay one.</summary>
    public IReadOnlyList<(PersonKey, PersonKey)> Others { get; init; } = [];

    /// <summary>With <see cref="RulingOutcome.Unreadable"/>: ids of the decisions that cannot be read.</summary>
    public IReadOnlyList<long> Unreadable { get; init; } = [];
}
