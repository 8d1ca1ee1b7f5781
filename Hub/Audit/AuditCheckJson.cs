using System.Text.Json.Serialization;
using IntegrationHub.Storage.Audit;

namespace IntegrationHub.Hub.Audit;

/// <summary>What a walk along the audit log found.</summary>
/// <param name="Intact">Whether every row is as it was written, and none is missing.</param>
/// <param name="Rows">How many rows were looked at.</param>
/// <param name="HeadSeq">Number of the last row.</param>
/// <param name="HeadHash">Its hash; keep it elsewhere, and nobody can write another history unseen.</param>
/// <param name="BrokenAt">Number of the first row that is not as it was written; null when there is none.</param>
/// <param name="Problem">What is wrong with it; null with it.</param>
internal sealed record AuditCheckJson(
    [property: JsonPropertyName("intact")] bool Intact,
    [property: JsonPropertyName("rows")] long Rows,
    [property: JsonPropertyName("head_seq")] long HeadSeq,
    [property: JsonPropertyName("head_hash")] string HeadHash,
    [property: JsonPropertyName("broken_at")] long? BrokenAt,
    [property: JsonPropertyName("problem")] string? Problem)
{
    public static AuditCheckJson From(AuditCheck check) => new(check.Fault is null, check.Rows, check.HeadSeq, check.HeadHash, check.Fault?.Seq, check.Fault?.Problem);
}
