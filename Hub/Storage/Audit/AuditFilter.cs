namespace IntegrationHub.Storage.Audit;

/// <summary>Which entries of the audit log, newest first.</summary>
/// <param name="Principal">Only of this one; null for all.</param>
/// <param name="Action">Only this action, or all that begin so when it ends with a dot; null for all.</param>
/// <param name="Subject">Only to this; null for all.</param>
/// <param name="Before">Only those with a smaller number: the next page; null for the newest.</param>
/// <param name="Limit">Most of them, from 1.</param>
public sealed record AuditFilter(string? Principal = null, string? Action = null, string? Subject = null, long? Before = null, int Limit = 100);
