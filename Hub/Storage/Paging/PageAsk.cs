namespace IntegrationHub.Storage.Paging;

/// <summary>Which part of a list is asked for.</summary>
/// <param name="After">Where the page before ended, as it said itself (<see cref="Page{T}.Next"/>); null for the begin of the list.</param>
/// <param name="Limit">Most items, from 1.</param>
public sealed record PageAsk(string? After = null, int Limit = 100);
