namespace IntegrationHub.Storage.Backfills;

/// <summary>A run that may not be delivered at the moment.</summary>
/// <param name="OpensAt">When it may again; the past while nobody has looked for its next window yet.</param>
/// <param name="Windows">Its windows.</param>
public sealed record ClosedWindow(DateTimeOffset OpensAt, IReadOnlyList<string> Windows);
