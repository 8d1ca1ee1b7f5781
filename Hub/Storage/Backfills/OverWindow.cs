namespace IntegrationHub.Storage.Backfills;

/// <summary>A run whose window is over, so that its next one is to be found.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Windows">Its windows; empty when it needs none any more.</param>
/// <param name="ClosedAt">When the window ended.</param>
/// <param name="Now">The database's time.</param>
public sealed record OverWindow(Guid RunId, IReadOnlyList<string> Windows, DateTimeOffset ClosedAt, DateTimeOffset Now);
