namespace IntegrationHub.Storage.Deliveries;

/// <summary>What became of changes of people and memberships in the live lane of a destination within a minute.</summary>
/// <param name="Minute">Beginning of the minute.</param>
/// <param name="Outcome">A name from <see cref="LedgerOutcome"/>.</param>
/// <param name="Count">How many, from 1.</param>
public sealed record LiveCount(DateTimeOffset Minute, string Outcome, long Count);
