namespace IntegrationHub.Storage.Audit;

/// <summary>Where the chain is broken first.</summary>
/// <param name="Seq">Number of the first row that is not as it was written, or is missing.</param>
/// <param name="Problem">What is wrong with it, one sentence.</param>
public sealed record AuditFault(long Seq, string Problem);
