namespace IntegrationHub.Storage.Runs;

/// <summary>Something that became of a run.</summary>
/// <param name="Seq">Its number; rises within a run.</param>
/// <param name="At">When, by the database's clock.</param>
/// <param name="Kind">One of <see cref="RunTurns"/>' kinds.</param>
/// <param name="From">The state before; null where it is the first, or did not change.</param>
/// <param name="To">The state.</param>
/// <param name="Code">Why it stands still or failed; null where it does not.</param>
public sealed record RunTurn(long Seq, DateTimeOffset At, string Kind, string? From, string To, string? Code);
