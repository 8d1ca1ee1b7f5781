using System.Text.Json.Serialization;
using IntegrationHub.Storage.Audit;

namespace IntegrationHub.Hub.Audit;

/// <summary>An entry of the audit log as the API and the CLI show it.</summary>
internal sealed record AuditJson(
    [property: JsonPropertyName("seq")] long Seq,
    [property: JsonPropertyName("at")] DateTimeOffset At,
    [property: JsonPropertyName("principal")] string Principal,
    [property: JsonPropertyName("role")] string? Role,
    [property: JsonPropertyName("via")] string Via,
    [property: JsonPropertyName("action")] string Action,
    [property: JsonPropertyName("subject")] string Subject,
    [property: JsonPropertyName("reason")] string? Reason,
    [property: JsonPropertyName("before_hash")] string? BeforeHash,
    [property: JsonPropertyName("after_hash")] string? AfterHash,
    [property: JsonPropertyName("prev_hash")] string PrevHash,
    [property: JsonPropertyName("hash")] string Hash)
{
    public static AuditJson From(AuditRow row) => new(
        row.Seq, row.Entry.At, row.Entry.Principal, row.Entry.Role, row.Entry.Via, row.Entry.Action, row.Entry.Subject, row.Entry.Reason, row.Entry.BeforeHash, row.Entry.AfterHash, row.PrevHash, row.Hash);
}
