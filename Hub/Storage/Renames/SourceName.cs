namespace IntegrationHub.Storage.Renames;

/// <summary>What a name of a source stands for.</summary>
/// <param name="Present">Its present name.</param>
/// <param name="InIds">The name that ids of its facts are made of: the first one that it had.</param>
public sealed record SourceName(string Present, string InIds);
