namespace IntegrationHub.Storage.Watch;

/// <summary>What the last check of a destination found.</summary>
/// <param name="Destination">The destination.</param>
/// <param name="At">When it was checked.</param>
/// <param name="IsOk">True when nothing was wrong.</param>
/// <param name="Findings">Codes of what was wrong, with the field or audience.</param>
public sealed record StoredCheck(string Destination, DateTimeOffset At, bool IsOk, IReadOnlyList<string> Findings);
