namespace IntegrationHub.Hub.Console.Runs;

/// <summary>A state on a run's road.</summary>
/// <param name="State">Its name.</param>
/// <param name="Where"><c>gone</c>, <c>now</c> or <c>ahead</c>.</param>
/// <param name="Spent">How long the run was in it; null when it was not, or nobody noted it.</param>
internal sealed record Station(string State, string Where, TimeSpan? Spent);
