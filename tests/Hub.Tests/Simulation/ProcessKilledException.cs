namespace IntegrationHub.Hub.Tests.Simulation;

/// <summary>The simulated process is dead: whatever its code still tries, nothing of it happens.</summary>
internal sealed class ProcessKilledException() : Exception("The process was killed.");
