namespace IntegrationHub.Storage.Audit;

/// <summary>Which entries of the audit log.</summary>
/// <param name="Principal">Only of this one; null for all.</param>
/// <param name="Action">Only this action, or all that begin so when it ends with a dot; null for all.</param>
/// <param name="Subject">Only to this; null for all.</param>
public sealed record AuditFilter(string? Principal = null, string? Action = null, string? Subject = null);
