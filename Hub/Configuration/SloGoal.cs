namespace IntegrationHub.Hub.Configuration;

/// <summary>What is promised of a lane of a destination; whoever misses it is told of.</summary>
/// <param name="Freshness">How long the oldest that waits may wait.</param>
/// <param name="LagP95">Within what time 95 of 100 are done, from owed to done.</param>
/// <param name="ErrorShare">Which share of what is tried may fail, from 0 to 1.</param>
/// <param name="Backlog">How many may wait; null for any number.</param>
internal sealed record SloGoal(TimeSpan Freshness, TimeSpan LagP95, double ErrorShare, long? Backlog);
