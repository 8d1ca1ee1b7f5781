namespace IntegrationHub.Hub.Reads;

/// <summary>Marks a route that reads everything there is of something, and is asked seldom: it has no budget, and no page calls it.</summary>
internal sealed class TakesItsTime;
