using System.Text.Json.Serialization;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Mapping;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Ledger;
using IntegrationHub.Storage.Runs;

namespace IntegrationHub.Hub.Runs;

/// <summary>A record of a run as the API and the CLI show it: who, where and why, never a value.</summary>
internal sealed record RecordJson
{
    /// <summary>Line of the run's list where the row was rejected; null for a record that was read.</summary>
    [JsonPropertyName("line")]
    public long? Line { get; init; }

    /// <summary>The hub's id of the person; null for a row that was rejected while reading.</summary>
    [JsonPropertyName("profile_id")]
    public long? ProfileId { get; init; }

    /// <summary>Begin and end of the company's id, so that who has the list recognises the person; null when it is not known.</summary>
    [JsonPropertyName("key")]
    public string? Key { get; init; }

    [JsonPropertyName("outcome")]
    public required string Outcome { get; init; }

    /// <summary>Header of the list's column, or the vendor's field; null when none is meant.</summary>
    [JsonPropertyName("field")]
    public string? Field { get; init; }

    [JsonPropertyName("code")]
    public string? Code { get; init; }

    /// <summary>What to do, one sentence; null when the reason is the vendor's.</summary>
    [JsonPropertyName("fix")]
    public string? Fix { get; init; }

    [JsonPropertyName("at")]
    public DateTimeOffset? At { get; init; }

    /// <summary>The version of the configuration that it was decided under; left out where none was in force, of rows that were rejected while reading, and of what earlier hubs settled.</summary>
    [JsonPropertyName("config_version"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? ConfigVersion { get; init; }

    /// <summary>A row that was rejected while the run's list was read.</summary>
    public static RecordJson From(SnapshotReject reject) => new()
    {
        Line = reject.Line,
        Key = reject.ExternalIds.Count == 1 ? MaskedKey.Of(reject.ExternalIds[0]) : null,
        Outcome = LedgerOutcome.Rejected,
        Field = reject.Field,
        Code = reject.Code,
        Fix = reject.Problem,
    };

    /// <summary>A record that ended. The field is found by mapping the person again; who changed meanwhile has none.</summary>
    public static RecordJson From(RunRecord record, Destination? destination) => new()
    {
        ProfileId = record.ProfileId,
        Key = record.ExternalId is { } id ? MaskedKey.Of(id) : null,
        Outcome = record.Outcome,
        Field = FieldOf(record, destination),
        Code = record.Code,
        Fix = record.Code is { } code ? MappingFailures.FixOf(code) : null,
        At = record.At,
        ConfigVersion = record.ConfigVersion,
    };

    private static string? FieldOf(RunRecord record, Destination? destination) =>
        record is { Outcome: LedgerOutcome.Rejected, AttributesJson: { } attributes }
            && destination?.Mapping.Map(new ProfileView(record.ExternalId, record.Email, record.Phone, attributes)).Rejection is { } rejection
            && rejection.Code == record.Code
            ? rejection.Field
            : null;
}
