namespace IntegrationHub.Storage.Ledger;

/// <summary>How many facts of a producer came in within an hour, taken in or set aside. An hour without any has no row.</summary>
/// <param name="Producer">Who stated them.</param>
/// <param name="Hour">Its begin, UTC.</param>
/// <param name="Facts">How many.</param>
public sealed record HourCount(string Producer, DateTimeOffset Hour, long Facts);
