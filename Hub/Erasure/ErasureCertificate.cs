using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using IntegrationHub.Sagas.Erasure;
using IntegrationHub.Storage.Erasures;

namespace IntegrationHub.Hub.Erasure;

/// <summary>What was done about an erasure, to be shown to whoever asks. Holds no identity: the person is a keyed hash.</summary>
internal sealed record ErasureCertificate
{
    private const string Signature = ",\"signature\":\"";
    private const string End = "\"}";

    private static readonly KeptJson[] _always =
    [
        new("tombstone", "objection: a keyed hash of each key, so that the person is not taken in again"),
        new("audit", "accountability: who asked for the erasure and who agreed, without the person"),
        new("facts without content", "accountability: id, type and times of what came in, so that the books balance"),
        new("backups", "until they expire; a restored hub takes nobody in before it has its tombstones"),
    ];

    private static readonly JsonSerializerOptions _plain = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    [JsonPropertyName("certificate_id"), JsonPropertyOrder(0)] public required Guid CertificateId { get; init; }
    [JsonPropertyName("request_id"), JsonPropertyOrder(1)] public required Guid RequestId { get; init; }
    [JsonPropertyName("subject_hash"), JsonPropertyOrder(2)] public required string SubjectHash { get; init; }
    [JsonPropertyName("law"), JsonPropertyOrder(3)] public required string Law { get; init; }
    [JsonPropertyName("state"), JsonPropertyOrder(4)] public required string State { get; init; }
    [JsonPropertyName("received_at"), JsonPropertyOrder(5)] public required DateTimeOffset ReceivedAt { get; init; }
    [JsonPropertyName("deadline"), JsonPropertyOrder(6)] public required DateTimeOffset Deadline { get; init; }
    [JsonPropertyName("suppressed_at"), JsonPropertyOrder(7)] public DateTimeOffset? SuppressedAt { get; init; }
    [JsonPropertyName("erased_at"), JsonPropertyOrder(8)] public DateTimeOffset? ErasedAt { get; init; }
    [JsonPropertyName("completed_at"), JsonPropertyOrder(9)] public DateTimeOffset? CompletedAt { get; init; }
    [JsonPropertyName("destinations"), JsonPropertyOrder(10)] public required IReadOnlyList<ErasedDestinationJson> Destinations { get; init; }
    [JsonPropertyName("own"), JsonPropertyOrder(11)] public required IReadOnlyDictionary<string, long> Own { get; init; }
    [JsonPropertyName("kept"), JsonPropertyOrder(12)] public IReadOnlyList<KeptJson> Kept { get; init; } = _always;
    [JsonPropertyName("audit_head"), JsonPropertyOrder(13)] public required string? AuditHead { get; init; }

    /// <summary>Erasures of the same person before this one, which erased what this one did not find any more; null for none.</summary>
    [JsonPropertyName("earlier_erasures"), JsonPropertyOrder(14), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public IReadOnlyList<Guid>? Earlier { get; init; }

    /// <summary>What was erased so far.</summary>
    public static ErasureCertificate Of(ErasureState erasure, IReadOnlyList<DestinationErasure> destinations, IReadOnlyDictionary<string, long> own, string? auditHead, IReadOnlyList<Guid>? earlier = null) => new()
    {
        CertificateId = Guid.CreateVersion7(),
        RequestId = erasure.CorrelationId,
        SubjectHash = erasure.SubjectHash,
        Law = erasure.Law,
        State = erasure.CurrentState,
        ReceivedAt = erasure.RequestedAt,
        Deadline = erasure.Deadline,
        SuppressedAt = erasure.SuppressedAt,
        ErasedAt = erasure.ErasedAt,
        CompletedAt = erasure.FinishedAt,
        Destinations = [.. destinations.Select(ErasedDestinationJson.From)],
        Own = own.Where(count => count.Key is not (ErasureCounts.SharedKeys or ErasureCounts.UndecidedKeys)).ToDictionary(),
        Kept = own.GetValueOrDefault(ErasureCounts.SharedKeys) is > 0 and var shared ? [.. _always, SharedOf(shared, own.GetValueOrDefault(ErasureCounts.UndecidedKeys))] : _always,
        Earlier = earlier is { Count: > 0 } ? earlier : null,
        AuditHead = auditHead,
    };

    private static KeptJson SharedOf(long count, long undecided) => new(
        "keys of others", FormattableString.Invariant($"{count} of the keys that were stated with the person are claimed by others too, or blocked: what was stated with the person is erased, and the keys have no tombstone, since that would erase the others{(undecided == 0 ? "" : $"; whoever has one of the {undecided} claimed ones is sent nothing until somebody decides whose it is")}"));

    /// <summary>The certificate with its signature: over the same JSON, in one line, without the property <c>signature</c>, which stands last.</summary>
    public string Signed(CertificateSigner signer)
    {
        var plain = JsonSerializer.Serialize(this, _plain);
        return $"{plain[..^1]}{Signature}{signer.Sign(Encoding.UTF8.GetBytes(plain))}{End}";
    }

    /// <summary>True when a certificate is, to the byte, what was signed.</summary>
    public static bool Verify(string signed, CertificateSigner signer)
    {
        var at = signed.LastIndexOf(Signature, StringComparison.Ordinal);
        return at > 0 && signed.EndsWith(End, StringComparison.Ordinal) && signer.Verify(Encoding.UTF8.GetBytes($"{signed[..at]}}}"), signed[(at + Signature.Length)..^End.Length]);
    }
}

/// <summary>Something that is kept, and why.</summary>
internal sealed record KeptJson([property: JsonPropertyName("what")] string What, [property: JsonPropertyName("why")] string Why);
