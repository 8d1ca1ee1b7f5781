namespace IntegrationHub.Storage.Sealing;

/// <summary>A key has the right name and is another one, or a sealed value was changed or put into another row.</summary>
/// <param name="problem">What is wrong, and what to do; holds nothing personal.</param>
/// <param name="cause">What the cipher said, or null.</param>
public sealed class BrokenSealException(string problem, Exception? cause = null) : Exception(problem, cause);
