namespace IntegrationHub.Identity;

/// <summary>How keys of a kind tell people.</summary>
/// <param name="Precedence">Lower comes first; a key tells whose a later one is, never the other way round.</param>
/// <param name="PerPerson">How many of them one person has at most; of more, the most recently stated stay and the others are contested.</param>
/// <param name="ReuseAfterDays">A key that one person has not stated for so long is free for the next; null when it never is.</param>
public sealed record KeyRule(int Precedence, int PerPerson, int? ReuseAfterDays = null);
