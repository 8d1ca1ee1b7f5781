namespace IntegrationHub.Storage.Backfills;

/// <summary>An event that a replay does not owe.</summary>
/// <param name="ProfileId">Whose it is.</param>
/// <param name="Outcome">A name from <see cref="Deliveries.LedgerOutcome"/>.</param>
/// <param name="Code">Reason code.</param>
public readonly record struct EventLeft(long ProfileId, string Outcome, string Code);
