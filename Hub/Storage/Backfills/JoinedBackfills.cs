using IntegrationHub.Sagas.BackfillRun;

namespace IntegrationHub.Storage.Backfills;

/// <summary>The runs that one person asked for at once, which are decided about as one: those that are joined, or a run of its own.</summary>
/// <param name="ToWrite">What is written at all destinations together; what was stopped before it wrote anything is not counted.</param>
/// <param name="IsWhole">Whether every plan stands; before, nobody knows how much it is.</param>
/// <param name="Waiting">Those whose plans wait for a word.</param>
public sealed record JoinedBackfills(long ToWrite, bool IsWhole, IReadOnlyList<BackfillRunState> Waiting);
