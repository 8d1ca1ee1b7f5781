namespace IntegrationHub.Storage.Ledger;

/// <summary>How often a field that has few values had one of them.</summary>
/// <param name="EventType">The type of the facts.</param>
/// <param name="Producer">Who stated them.</param>
/// <param name="Path">The field.</param>
/// <param name="Value">The value; <see cref="FactBook.Others"/> for those that are not shown, or too many.</param>
/// <param name="Facts">How many facts.</param>
/// <param name="FirstAt">When the first came in.</param>
/// <param name="LastAt">When the last came in.</param>
public sealed record ValueCount(string EventType, string Producer, string Path, string Value, long Facts, DateTimeOffset FirstAt, DateTimeOffset LastAt);
