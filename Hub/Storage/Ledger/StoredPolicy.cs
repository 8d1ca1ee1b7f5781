namespace IntegrationHub.Storage.Ledger;

/// <summary>A policy that something was decided by.</summary>
/// <param name="Version">Hash of the content.</param>
/// <param name="Content">The policy, word for word.</param>
public sealed record StoredPolicy(string Version, string Content);
