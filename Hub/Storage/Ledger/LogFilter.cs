namespace IntegrationHub.Storage.Ledger;

/// <summary>Which facts of the log are read; a null part takes all.</summary>
/// <param name="EventType">Only facts of this type.</param>
/// <param name="Since">Only facts that were so then or later.</param>
/// <param name="Before">Only facts that were so before.</param>
/// <param name="Until">Last position to look at.</param>
public sealed record LogFilter(string? EventType = null, DateTimeOffset? Since = null, DateTimeOffset? Before = null, long? Until = null)
{
    /// <summary>True when a page may hold fewer facts than it looked at.</summary>
    public bool Narrows => EventType is not null || Since is not null || Before is not null;
}
