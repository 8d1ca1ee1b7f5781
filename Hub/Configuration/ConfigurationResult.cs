namespace IntegrationHub.Hub.Configuration;

/// <summary>What loading a configuration folder gave: a configuration when there is no error, else every error that was found.</summary>
/// <param name="Configuration">The configuration; null when <paramref name="Errors"/> is not empty.</param>
/// <param name="Errors">All errors, ordered by file and line; empty when the folder is fine.</param>
internal sealed record ConfigurationResult(HubConfiguration? Configuration, IReadOnlyList<ConfigurationError> Errors);
