using System.Text.Json.Serialization;
using IntegrationHub.Storage.Backfills;

namespace IntegrationHub.Hub.Backfills;

/// <summary>What a backfill would do, as people are shown it before they let it pass.</summary>
internal sealed record BackfillPlan
{
    /// <summary>Records that would be written, unless the vendor has the value already or does not know the person.</summary>
    [JsonPropertyName("to_write")]
    public required long ToWrite { get; init; }

    /// <summary>All records by outcome and reason; those to be written as <c>pending</c>.</summary>
    [JsonPropertyName("outcomes")]
    public required IReadOnlyList<PlannedOutcomeJson> Outcomes { get; init; }

    /// <summary>Vendor calls that it takes in full batches.</summary>
    [JsonPropertyName("calls")]
    public required BackfillCallsJson Calls { get; init; }

    /// <summary>Seconds that the calls take at least at the vendor's documented pace, with nothing else under way; null where none is documented.</summary>
    [JsonPropertyName("seconds")]
    public double? Seconds { get; init; }

    /// <summary>A few of the people who would be written, masked, with the vendor fields.</summary>
    [JsonPropertyName("samples")]
    public required IReadOnlyList<BackfillSampleJson> Samples { get; init; }

    /// <summary>What a rollback will not take back, in sentences.</summary>
    [JsonPropertyName("cannot_be_taken_back")]
    public required IReadOnlyList<string> CannotBeTakenBack { get; init; }

    /// <summary>What may react at the vendor to a changed field, in sentences.</summary>
    [JsonPropertyName("automation")]
    public required IReadOnlyList<string> Automation { get; init; }

    /// <summary>What it is about.</summary>
    [JsonPropertyName("scope")]
    public required BackfillScope Scope { get; init; }
}

/// <summary>Records with one outcome for one reason.</summary>
internal sealed record PlannedOutcomeJson(
    [property: JsonPropertyName("outcome")] string Outcome,
    [property: JsonPropertyName("code")] string? Code,
    [property: JsonPropertyName("count")] long Count);

/// <summary>Vendor calls of a backfill: what is read before, what is written, what is read back.</summary>
internal sealed record BackfillCallsJson(
    [property: JsonPropertyName("read")] long Read,
    [property: JsonPropertyName("write")] long Write,
    [property: JsonPropertyName("read_back")] long ReadBack);

/// <summary>A person who would be written.</summary>
internal sealed record BackfillSampleJson(
    [property: JsonPropertyName("person")] string Person,
    [property: JsonPropertyName("fields")] IReadOnlyList<string> Fields);
