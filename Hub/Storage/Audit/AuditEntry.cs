namespace IntegrationHub.Storage.Audit;

/// <summary>One thing that somebody did, as it is added to the audit log. Holds no personal value: subjects are named by ids of the hub, and texts by their hash.</summary>
/// <param name="At">When; kept to the microsecond.</param>
/// <param name="Principal">Id of who did it, such as <c>person:anna</c>.</param>
/// <param name="Via">One of <see cref="AuditVia"/>.</param>
/// <param name="Action">What was done, as <c>backfill.approve</c>.</param>
/// <param name="Subject">To what, as <c>backfill:ID</c>.</param>
/// <param name="Reason">Why, in the words of whoever did it; null when nobody asked for one.</param>
/// <param name="BeforeHash">SHA-256, in hex, of what held before; null when nothing did or it does not matter.</param>
/// <param name="AfterHash">SHA-256, in hex, of what holds since.</param>
public sealed record AuditEntry(DateTimeOffset At, string Principal, string Via, string Action, string Subject, string? Reason = null, string? BeforeHash = null, string? AfterHash = null);
