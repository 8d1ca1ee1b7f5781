namespace IntegrationHub.Storage.Audit;

/// <summary>What a walk along the chain found.</summary>
/// <param name="Rows">How many rows were looked at.</param>
/// <param name="HeadSeq">Number of the last row that was written.</param>
/// <param name="HeadHash">Its hash; keep it elsewhere, and nobody can write another history unseen. Empty when nothing was done yet.</param>
/// <param name="Fault">The first break, or null when there is none.</param>
public sealed record AuditCheck(long Rows, long HeadSeq, string HeadHash, AuditFault? Fault);
