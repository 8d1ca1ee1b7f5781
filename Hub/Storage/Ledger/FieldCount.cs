namespace IntegrationHub.Storage.Ledger;

/// <summary>How often a field of facts said something.</summary>
/// <param name="EventType">Their type.</param>
/// <param name="Producer">Who stated them.</param>
/// <param name="Path">The field, for example <c>payload.status</c>.</param>
/// <param name="Day">The day, UTC, on which they came in.</param>
/// <param name="Facts">How many facts.</param>
/// <param name="Present">In how many the field said something.</param>
public sealed record FieldCount(string EventType, string Producer, string Path, DateTimeOffset Day, long Facts, long Present);
