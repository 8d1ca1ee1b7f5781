namespace IntegrationHub.Storage.Configurations;

/// <summary>A version of the configuration, with its files. Holds no secrets: files name where they are.</summary>
/// <param name="Entry">What is known of it.</param>
/// <param name="Files">Text of each file by its path in the folder, with <c>/</c>.</param>
public sealed record StoredConfiguration(ConfigurationEntry Entry, IReadOnlyDictionary<string, string> Files);
