using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using IntegrationHub.Identity;
using IntegrationHub.Storage.Ledger;

namespace IntegrationHub.Hub.Privacy;

/// <summary>A consent record with the names of ISO/IEC TS 27560: one per key and purpose, with its events. Holds personal data.</summary>
/// <param name="SchemaVersion">Which names these are.</param>
/// <param name="RecordId">The same for the same key and purpose.</param>
/// <param name="PrincipalId">The key of the person that the decisions stand under.</param>
/// <param name="PrivacyNotice">The notice of the newest decision that names one, or null.</param>
/// <param name="Language">Language of that notice, or null.</param>
/// <param name="Purposes">The purpose, with the ground of the newest decision that names one.</param>
/// <param name="Controllers">Who answers for the person's data, by <c>consent.yaml</c>.</param>
/// <param name="Events">What was decided, in the order in which it came in.</param>
internal sealed record IsoConsentJson(
    [property: JsonPropertyName("schema_version")] string SchemaVersion,
    [property: JsonPropertyName("record_id")] Guid RecordId,
    [property: JsonPropertyName("pii_principal_id")] string PrincipalId,
    [property: JsonPropertyName("privacy_notice")] string? PrivacyNotice,
    [property: JsonPropertyName("language")] string? Language,
    [property: JsonPropertyName("purposes")] IReadOnlyList<IsoPurposeJson> Purposes,
    [property: JsonPropertyName("pii_controllers")] IReadOnlyList<string> Controllers,
    [property: JsonPropertyName("events")] IReadOnlyList<IsoConsentStepJson> Events)
{
    private const string Names = "ISO/IEC TS 27560:2023";

    /// <summary>The records of a person.</summary>
    /// <param name="entries">What the ledger holds.</param>
    /// <param name="controllers">Who answers for the person's data.</param>
    /// <param name="position">Up to which position; null for everything.</param>
    public static IReadOnlyList<IsoConsentJson> From(IReadOnlyList<ConsentEntry> entries, IReadOnlyList<string> controllers, long? position = null) =>
    [
        .. entries.Where(entry => position is null || (entry.Position ?? 0) <= position).GroupBy(entry => (entry.SubjectKey, entry.Purpose)).Select(group =>
        {
            var evidence = group.Select(entry => entry.EvidenceJson).OfType<string>().Select(json => JsonSerializer.Deserialize<Dictionary<string, string>>(json)!).Reverse().ToList();
            return new IsoConsentJson(
                Names,
                new Guid(SHA256.HashData(Encoding.UTF8.GetBytes($"{group.Key.SubjectKey}\n{group.Key.Purpose}")).AsSpan(0, 16)),
                group.Key.SubjectKey[(group.Key.SubjectKey.IndexOf(':', StringComparison.Ordinal) + 1)..],
                Said(evidence, "notice"),
                Said(evidence, "language"),
                [new IsoPurposeJson(group.Key.Purpose, group.Select(entry => entry.LegalBasis).OfType<string>().LastOrDefault())],
                controllers,
                [.. ConsentLineJson.From([.. group]).Select(line => new IsoConsentStepJson(
                    line.DecidedAt, line.Status == ConsentWord.Granted ? "explicit" : line.Status == ConsentWord.Expired ? "expiry" : "withdrawal", line.Status,
                    line.ExpiresAt is { } end ? System.Xml.XmlConvert.ToString(end - line.DecidedAt) : null))]);
        }),
    ];

    private static string? Said(List<Dictionary<string, string>> evidence, string name) => evidence.Select(said => said.GetValueOrDefault(name)).FirstOrDefault(text => text is not null);
}

/// <summary>A purpose of a record.</summary>
/// <param name="Purpose">The purpose.</param>
/// <param name="LawfulBasis">Its ground, or null.</param>
internal sealed record IsoPurposeJson([property: JsonPropertyName("purpose")] string Purpose, [property: JsonPropertyName("lawful_basis")] string? LawfulBasis);

/// <summary>A decision in a record.</summary>
/// <param name="Time">When.</param>
/// <param name="Type">What kind.</param>
/// <param name="State">What it says.</param>
/// <param name="Duration">For how long, as a duration of ISO 8601; null when it has no end.</param>
internal sealed record IsoConsentStepJson(
    [property: JsonPropertyName("event_time")] DateTimeOffset Time,
    [property: JsonPropertyName("event_type")] string Type,
    [property: JsonPropertyName("event_state")] string State,
    [property: JsonPropertyName("validity_duration")] string? Duration);
