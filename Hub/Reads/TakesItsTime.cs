namespace IntegrationHub.Hub.Reads;

/// <summary>Marks a route that reads everything there is of something, and is asked seldom: it has no budget but for a page, which waits for nothing as long as that.</summary>
internal sealed class TakesItsTime;
