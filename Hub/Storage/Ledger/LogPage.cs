namespace IntegrationHub.Storage.Ledger;

/// <summary>A part of the log.</summary>
/// <param name="Facts">Facts in the order of their positions.</param>
/// <param name="Next">Where to go on: everything up to it was looked at, and nothing will ever come in before it.</param>
/// <param name="IsLast">True when there was nothing more.</param>
public sealed record LogPage(IReadOnlyList<LoggedFact> Facts, long Next, bool IsLast);
