namespace IntegrationHub.Storage.Watch;

/// <summary>A reconciliation that waits.</summary>
/// <param name="Until">When it goes on.</param>
/// <param name="IsForFile">True when the vendor writes a file of the members; false when it used up what comparing may take of the day.</param>
public sealed record ReadBackWait(DateTimeOffset Until, bool IsForFile);
