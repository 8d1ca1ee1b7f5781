namespace IntegrationHub.Storage.Configurations;

/// <summary>Which version is in force.</summary>
/// <param name="Version">Its number.</param>
/// <param name="ContentHash">SHA-256 over its files, in hex.</param>
/// <param name="ActivatedAt">Since when.</param>
/// <param name="ActivatedBy">Id of the principal, or name of the hub, that put it in force.</param>
public sealed record ActiveConfiguration(long Version, string ContentHash, DateTimeOffset ActivatedAt, string ActivatedBy);
