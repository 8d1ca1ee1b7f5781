using System.Text.Json;
using System.Text.Json.Serialization;
using IntegrationHub.Identity;
using IntegrationHub.Storage.Ledger;

namespace IntegrationHub.Hub.Privacy;

/// <summary>What is known of a person's consent, what counts of it, and every line that it comes from. Holds personal data.</summary>
/// <param name="Known">True when the ledger knows the person, and not only decisions under a key.</param>
/// <param name="DecidedFor">The time that was decided for.</param>
/// <param name="Position">The position up to which the ledger was heeded.</param>
/// <param name="ConfigVersion">Version of <c>consent.yaml</c> that was decided by: that of today.</param>
/// <param name="Purposes">What counts, by purpose.</param>
/// <param name="Ledger">The lines, in the order in which they came in.</param>
internal sealed record ConsentFileJson(
    [property: JsonPropertyName("known")] bool Known,
    [property: JsonPropertyName("decided_for")] DateTimeOffset DecidedFor,
    [property: JsonPropertyName("position")] long Position,
    [property: JsonPropertyName("config_version")] string ConfigVersion,
    [property: JsonPropertyName("purposes")] IReadOnlyList<PurposeFileJson> Purposes,
    [property: JsonPropertyName("ledger")] IReadOnlyList<ConsentLineJson> Ledger)
{
    /// <summary>What became of the person at destinations, each with the decision it rests on, taken again; the latest first.</summary>
    [JsonPropertyName("proofs")]
    public IReadOnlyList<ConsentProof> Proofs { get; init; } = [];
}

/// <summary>What counts for a purpose, and what the policy makes of it.</summary>
/// <param name="Purpose">The purpose.</param>
/// <param name="Decided">What the person decided; null when nothing is known.</param>
/// <param name="Allowed">True when the person may be sent.</param>
/// <param name="Rule">The rule that decided, or null when there is none.</param>
/// <param name="Basis">Ground of the rule, or null.</param>
/// <param name="Code">Why not; null when it may.</param>
/// <param name="ValidUntil">Until when, unless something is decided; null when nothing ends by itself.</param>
internal sealed record PurposeFileJson(
    [property: JsonPropertyName("purpose")] string Purpose,
    [property: JsonPropertyName("decided")] PurposeStateJson? Decided,
    [property: JsonPropertyName("allowed")] bool Allowed,
    [property: JsonPropertyName("rule")] string? Rule,
    [property: JsonPropertyName("basis")] string? Basis,
    [property: JsonPropertyName("code")] string? Code,
    [property: JsonPropertyName("valid_until")] DateTimeOffset? ValidUntil);

/// <summary>A line of the ledger.</summary>
/// <param name="Position">Position of its fact, or null.</param>
/// <param name="Key">What it stands under: <c>id</c> or <c>email</c>.</param>
/// <param name="Purpose">The purpose.</param>
/// <param name="Status"><c>granted</c>, <c>denied</c>, <c>withdrawn</c> (denied after it was granted) or <c>expired</c>.</param>
/// <param name="Channel">Channel, or null.</param>
/// <param name="LegalBasis">Ground, or null.</param>
/// <param name="Source">Where it was decided.</param>
/// <param name="DecidedAt">When.</param>
/// <param name="RecordedAt">When the hub took it in.</param>
/// <param name="ExpiresAt">When a grant ends by itself, or null.</param>
/// <param name="Evidence">What shows it, or null.</param>
internal sealed record ConsentLineJson(
    [property: JsonPropertyName("position")] long? Position,
    [property: JsonPropertyName("key")] string Key,
    [property: JsonPropertyName("purpose")] string Purpose,
    [property: JsonPropertyName("status")] string Status,
    [property: JsonPropertyName("channel")] string? Channel,
    [property: JsonPropertyName("legal_basis")] string? LegalBasis,
    [property: JsonPropertyName("source")] string Source,
    [property: JsonPropertyName("decided_at")] DateTimeOffset DecidedAt,
    [property: JsonPropertyName("recorded_at")] DateTimeOffset RecordedAt,
    [property: JsonPropertyName("expires_at")] DateTimeOffset? ExpiresAt,
    [property: JsonPropertyName("evidence")] JsonElement? Evidence)
{
    /// <summary>Shows the lines of a ledger, a denial after a grant under the same key as withdrawn.</summary>
    public static IReadOnlyList<ConsentLineJson> From(IReadOnlyList<ConsentEntry> entries)
    {
        var granted = new HashSet<(string, string)>();
        var lines = new List<ConsentLineJson>(entries.Count);
        foreach (var entry in entries)
        {
            var key = (entry.SubjectKey, entry.Purpose);
            var status = entry.Status == ConsentWord.Denied && granted.Remove(key) ? Withdrawn : entry.Status;
            if (entry.Status == ConsentWord.Granted)
            {
                granted.Add(key);
            }

            lines.Add(new ConsentLineJson(
                entry.Position, entry.KeyKind, entry.Purpose, status, entry.Channel, entry.LegalBasis, entry.Source, entry.DecidedAt, entry.RecordedAt, entry.ExpiresAt,
                entry.EvidenceJson is null ? null : JsonSerializer.Deserialize<JsonElement>(entry.EvidenceJson)));
        }

        return lines;
    }

    private const string Withdrawn = "withdrawn";
}
