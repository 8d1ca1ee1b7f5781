namespace IntegrationHub.Hub.Tests.Simulation;

/// <summary>Something that must hold after every step does not.</summary>
internal sealed class BrokenInvariantException(string what) : Exception(what);
