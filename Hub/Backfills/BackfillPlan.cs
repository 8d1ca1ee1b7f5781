using System.Text.Json.Serialization;
using IntegrationHub.Storage.Backfills;
using IntegrationHub.Storage.Runs;

namespace IntegrationHub.Hub.Backfills;

/// <summary>What a backfill would do, as people are shown it before they let it pass.</summary>
internal sealed record BackfillPlan
{
    /// <summary>Records that would be written, unless the vendor has the value already or, where the backfill is quiet, does not know the person.</summary>
    [JsonPropertyName("to_write")]
    public required long ToWrite { get; init; }

    /// <summary>Of them, people who as far as the hub knows are not at the vendor yet, so that they may be created; 0 where the backfill is quiet, which creates nobody.</summary>
    [JsonPropertyName("may_create")]
    public long MayCreate { get; init; }

    /// <summary>All records by outcome and reason; those to be written as <c>pending</c>.</summary>
    [JsonPropertyName("outcomes")]
    public required IReadOnlyList<PlannedOutcomeJson> Outcomes { get; init; }

    /// <summary>Vendor calls that it takes in full batches.</summary>
    [JsonPropertyName("calls")]
    public required BackfillCallsJson Calls { get; init; }

    /// <summary>Seconds that it takes about, at its rate and at the share of the quota's pace that backfills may use, its windows open all the while; null where nothing limits it.</summary>
    [JsonPropertyName("seconds")]
    public double? Seconds { get; init; }

    /// <summary>What takes the longest of it: <c>rate</c>, <c>quota</c> or <c>daily_quota</c>; null with <see cref="Seconds"/>.</summary>
    [JsonPropertyName("limited_by")]
    public string? LimitedBy { get; init; }

    /// <summary>When it would be done, about, had it been let pass as it was planned; null with <see cref="Seconds"/>, or years away.</summary>
    [JsonPropertyName("done_at")]
    public DateTimeOffset? DoneAt { get; init; }

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

    /// <summary>Events among those to be written that the vendor may have and would count twice; null where it is not about events.</summary>
    [JsonPropertyName("may_repeat"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? MayRepeat { get; init; }

    /// <summary>With a rebuild: how many people would change in what, the most frequent first; else null.</summary>
    [JsonPropertyName("changes"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<ChangeCountJson>? Changes { get; init; }

    /// <summary>What will be verified, in a sentence; null where everything that is written is read back.</summary>
    [JsonPropertyName("verification"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Verification { get; init; }

    /// <summary>Records that are owed.</summary>
    internal static long Pending(IReadOnlyList<ReasonCount> tallies) => tallies.Where(tally => tally.Outcome == "pending").Sum(tally => tally.Count);

    /// <summary>The tallies as they are shown.</summary>
    internal static IReadOnlyList<PlannedOutcomeJson> OutcomesOf(IReadOnlyList<ReasonCount> tallies) =>
        [.. tallies.Where(tally => tally.Outcome != "planned").Select(tally => new PlannedOutcomeJson(tally.Outcome, tally.Code.Length == 0 ? null : tally.Code, tally.Count))];

    /// <summary>Full batches of some records.</summary>
    internal static long Batches(long records, int size) => (records + size - 1) / size;
}

/// <summary>Records with one outcome for one reason.</summary>
internal sealed record PlannedOutcomeJson(
    [property: JsonPropertyName("outcome")] string Outcome,
    [property: JsonPropertyName("code")] string? Code,
    [property: JsonPropertyName("count")] long Count);

/// <summary>People who would change in one thing.</summary>
/// <param name="Name">An attribute, or <c>audience:KEY</c> for a membership.</param>
/// <param name="People">How many.</param>
internal sealed record ChangeCountJson([property: JsonPropertyName("name")] string Name, [property: JsonPropertyName("people")] long People);

/// <summary>Vendor calls of a backfill: what is read before, what is written, what is read back.</summary>
internal sealed record BackfillCallsJson(
    [property: JsonPropertyName("read")] long Read,
    [property: JsonPropertyName("write")] long Write,
    [property: JsonPropertyName("read_back")] long ReadBack);

/// <summary>A person who would be written.</summary>
internal sealed record BackfillSampleJson(
    [property: JsonPropertyName("person")] string Person,
    [property: JsonPropertyName("fields")] IReadOnlyList<string> Fields);
