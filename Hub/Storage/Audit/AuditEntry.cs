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
/// <param name="Role">What whoever did it might do then, as the names of its roles or of the scopes of its key; null where the hub did it, and of entries of before this was kept.</param>
public sealed record AuditEntry(DateTimeOffset At, string Principal, string Via, string Action, string Subject, string? Reason = null, string? BeforeHash = null, string? AfterHash = null, string? Role = null)
{
    private const string Between = ": ";

    /// <summary>Way and role as one text, as it is kept and hashed: a hub of the version before, which knows no roles, finds the chain whole too.</summary>
    internal string Way => Role is null ? Via : $"{Via}{Between}{Role}";

    /// <summary>An entry as it was kept.</summary>
    internal static AuditEntry Read(DateTimeOffset at, string principal, string way, string action, string subject, string? reason, string? beforeHash, string? afterHash)
    {
        var parts = way.Split(Between, 2);
        return new AuditEntry(at, principal, parts[0], action, subject, reason, beforeHash, afterHash, parts.Length == 1 ? null : parts[1]);
    }
}
