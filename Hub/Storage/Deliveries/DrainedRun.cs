namespace IntegrationHub.Storage.Deliveries;

/// <summary>A run that has nothing pending though its saga still waits for that word.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Lane">Lane of its deliveries, which tells of what kind it is.</param>
public sealed record DrainedRun(Guid RunId, string Lane);
