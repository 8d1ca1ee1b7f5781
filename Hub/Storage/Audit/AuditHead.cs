namespace IntegrationHub.Storage.Audit;

/// <summary>The last row of the audit log at some time.</summary>
/// <param name="Seq">Its number, from 1.</param>
/// <param name="Hash">Its hash, in hex.</param>
public sealed record AuditHead(long Seq, string Hash);
