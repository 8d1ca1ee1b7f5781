namespace IntegrationHub.Storage.Backfills;

/// <summary>An event that a replay owes.</summary>
/// <param name="Position">Where it stands in the log.</param>
/// <param name="ProfileId">Whose it is.</param>
public readonly record struct EventOwed(long Position, long ProfileId);
