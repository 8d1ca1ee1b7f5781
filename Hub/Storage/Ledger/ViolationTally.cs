namespace IntegrationHub.Storage.Ledger;

/// <summary>Violations of one kind, counted.</summary>
/// <param name="Violation">The kind, with the newest sample.</param>
/// <param name="Count">How many facts.</param>
/// <param name="FirstAt">When the first came in.</param>
/// <param name="LastAt">When the last came in.</param>
public sealed record ViolationTally(Violation Violation, long Count, DateTimeOffset FirstAt, DateTimeOffset LastAt);
