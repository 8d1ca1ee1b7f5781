using System.Text.Json.Serialization;
using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Hub.Identities;
using IntegrationHub.Hub.Runs;
using IntegrationHub.Hub.Security;
using IntegrationHub.Storage.Reconciliations;

namespace IntegrationHub.Hub.Reconciliation;

/// <summary>A reconciliation as the API and the CLI show it.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Audience">Key of the audience.</param>
/// <param name="Destination">Name of the destination.</param>
/// <param name="State">State of the run, where Planning is Comparing and Delivering is Healing.</param>
/// <param name="Stage">How far comparing is.</param>
/// <param name="Heal"><c>report</c>, <c>missing</c> or <c>all</c>.</param>
/// <param name="RequestedBy">Who asked.</param>
/// <param name="RequestedAt">When it was asked for.</param>
/// <param name="ComparedAt">When everything was compared; null before.</param>
/// <param name="FinishedAt">When it was over; null before.</param>
/// <param name="WaitingFor">What it waits for and what to do, or null.</param>
/// <param name="WaitingCode">Stable code of that.</param>
/// <param name="Calls">Vendor calls that comparing took.</param>
/// <param name="Expected">Members that the hub believed in.</param>
/// <param name="Listed">Members that the vendor told.</param>
/// <param name="Found">Of those expected, those that are there.</param>
/// <param name="Findings">How many differ, by kind; null before everything is compared.</param>
/// <param name="Causes">The same by cause.</param>
/// <param name="Fields">What reading of fields says.</param>
/// <param name="Healed">What the plan did about it.</param>
internal sealed record ReconciliationJson(
    [property: JsonPropertyName("run_id")] Guid RunId,
    [property: JsonPropertyName("audience")] string Audience,
    [property: JsonPropertyName("destination")] string Destination,
    [property: JsonPropertyName("state")] string State,
    [property: JsonPropertyName("stage")] string Stage,
    [property: JsonPropertyName("heal")] string Heal,
    [property: JsonPropertyName("requested_by")] string RequestedBy,
    [property: JsonPropertyName("requested_at")] DateTimeOffset RequestedAt,
    [property: JsonPropertyName("compared_at")] DateTimeOffset? ComparedAt,
    [property: JsonPropertyName("finished_at")] DateTimeOffset? FinishedAt,
    [property: JsonPropertyName("waiting_for")] string? WaitingFor,
    [property: JsonPropertyName("waiting_code")] string? WaitingCode,
    [property: JsonPropertyName("calls")] long Calls,
    [property: JsonPropertyName("expected")] long Expected,
    [property: JsonPropertyName("listed")] long Listed,
    [property: JsonPropertyName("found")] long Found,
    [property: JsonPropertyName("findings")] FindingCountsJson? Findings,
    [property: JsonPropertyName("causes")] IReadOnlyList<CauseCountJson> Causes,
    [property: JsonPropertyName("fields")] FieldCheckJson Fields,
    [property: JsonPropertyName("healed")] CountsJson? Healed)
{
    /// <summary>How well the destination knew the people of the audience; null before that was counted, when it is swept, and in lists.</summary>
    [JsonPropertyName("matching")]
    public MatchRateJson? Matching { get; init; }

    /// <summary>Bytes of the file that the members were read from; 0 where they were read page by page.</summary>
    [JsonPropertyName("file_bytes")]
    public long FileBytes { get; init; }

    /// <summary>Why the members were read page by page though a file would have been cheaper: the reason code; null where there was no such reason.</summary>
    [JsonPropertyName("not_extracted")]
    public string? NotExtracted { get; init; }

    /// <summary>Events of the last whole day by name; empty where the destination is told of none, and in lists.</summary>
    [JsonPropertyName("volumes")]
    public IReadOnlyList<EventVolumeJson> Volumes { get; init; } = [];

    /// <summary>What the latest comparisons of the pair came to, the last one first; empty in lists.</summary>
    [JsonPropertyName("trend")]
    public IReadOnlyList<ComparisonMarkJson> Trend { get; init; } = [];

    /// <summary>Shows one.</summary>
    /// <param name="compared">How far comparing is, and what it found.</param>
    /// <param name="run">Its run; null while the start has not come through.</param>
    /// <param name="causes">Findings by kind and cause.</param>
    public static ReconciliationJson From(ComparisonState compared, RunJson? run, IReadOnlyList<(string Kind, string? Cause, long Count)> causes) => new(
        compared.RunId, compared.Audience, compared.Destination, StateOf(run?.State ?? RunState.Requested), compared.Stage, compared.Heal, compared.RequestedBy, compared.RequestedAt, compared.ComparedAt,
        run?.FinishedAt, run?.WaitingFor, run?.WaitingCode, compared.Calls, compared.Expected, compared.Listed, compared.Found,
        compared.ComparedAt is null ? null : new FindingCountsJson(compared.Missing, compared.Unexpected, compared.Different, compared.Duplicates, compared.Volumes),
        [.. causes.Select(cause => new CauseCountJson(cause.Kind, cause.Cause, cause.Count))],
        FieldCheckJson.From(compared),
        run?.Counts)
    {
        FileBytes = compared.FileBytes, NotExtracted = compared.NotExtracted,
    };

    /// <summary>The states of the run under the names of what it does.</summary>
    public static string StateOf(string state) => state switch
    {
        RunState.Planning => "Comparing",
        RunState.Delivering => "Healing",
        _ => state,
    };
}

/// <summary>How many differ.</summary>
internal sealed record FindingCountsJson(
    [property: JsonPropertyName("missing")] long Missing,
    [property: JsonPropertyName("unexpected")] long Unexpected,
    [property: JsonPropertyName("different")] long Different,
    [property: JsonPropertyName("duplicate")] long Duplicate,
    [property: JsonPropertyName("volume")] long Volume)
{
    /// <summary>All of them.</summary>
    [JsonIgnore]
    public long Sum => Missing + Unexpected + Different + Duplicate + Volume;
}

/// <summary>How many differ for a cause.</summary>
internal sealed record CauseCountJson(
    [property: JsonPropertyName("kind")] string Kind,
    [property: JsonPropertyName("cause")] string? Cause,
    [property: JsonPropertyName("count")] long Count);

/// <summary>Whose fields were read, and what that says of everybody.</summary>
/// <param name="Read"><c>whole</c> or <c>sample</c>.</param>
/// <param name="Checked">People whose fields were compared.</param>
/// <param name="Different">Of those, people with a field that differs.</param>
/// <param name="UpperBound">With a sample: the share of people who differ is not larger than this, with a certainty of 95 %. Null for the whole, and when nobody was read.</param>
/// <param name="Says">The same in words.</param>
internal sealed record FieldCheckJson(
    [property: JsonPropertyName("read")] string Read,
    [property: JsonPropertyName("checked")] long Checked,
    [property: JsonPropertyName("different")] long Different,
    [property: JsonPropertyName("upper_bound_95")] double? UpperBound,
    [property: JsonPropertyName("says")] string Says)
{
    /// <summary>Shows it.</summary>
    public static FieldCheckJson From(ComparisonState compared)
    {
        var isWhole = compared.IsWhole;
        var (read, different) = (compared.Checked, Math.Min(compared.FieldsDiffer, compared.Checked));
        double? bound = isWhole || read == 0 ? null : Math.Round(DifferenceBound.Upper95(different, read), 6, MidpointRounding.AwayFromZero);
        return new FieldCheckJson(isWhole ? "whole" : "sample", read, compared.FieldsDiffer, bound, Say(compared, bound));
    }

    private static string Say(ComparisonState compared, double? bound) => (compared.Checked, bound) switch
    {
        _ when compared.FieldsSince is { } since => FormattableString.Invariant(
            $"The fields of {compared.Checked:N0} people were read: of those whom the vendor or the hub changed since {since.UtcDateTime:u}, of those who were not the same before, and of some of the others in turn; {compared.FieldsDiffer:N0} differ. All others are as they were when they were read."),
        (0, _) => "The fields of nobody were read.",
        (_, null) => FormattableString.Invariant($"The fields of all {compared.Checked:N0} people were read; {compared.FieldsDiffer:N0} differ."),
        var (read, most) => FormattableString.Invariant($"The fields of {read:N0} people were read, a sample of {compared.Expected:N0}; {compared.FieldsDiffer:N0} differ. With 95 % confidence fewer than {most:P2} of all differ."),
    };
}

/// <summary>Events of one name in a span.</summary>
/// <param name="Event">The canonical name.</param>
/// <param name="Since">When the span begins.</param>
/// <param name="Until">When it ends.</param>
/// <param name="Owed">Events that were received in the span and owed.</param>
/// <param name="Delivered">Of those received, confirmed ones.</param>
/// <param name="Ended">Of those received, ones that ended otherwise.</param>
/// <param name="Pending">Of those received, ones that still wait.</param>
/// <param name="Happened">Confirmed events, other than purchases, that happened in the span.</param>
/// <param name="AtVendor">The vendor's own count of that; null where it was not asked.</param>
/// <param name="BooksTolerance">Share of the owed that may be without an account.</param>
/// <param name="VendorTolerance">Share of the confirmed that the vendor may count less.</param>
/// <param name="Finding">What does not come out, as its cause; null when all does.</param>
internal sealed record EventVolumeJson(
    [property: JsonPropertyName("event")] string Event,
    [property: JsonPropertyName("since")] DateTimeOffset Since,
    [property: JsonPropertyName("until")] DateTimeOffset Until,
    [property: JsonPropertyName("owed")] long Owed,
    [property: JsonPropertyName("delivered")] long Delivered,
    [property: JsonPropertyName("ended")] long Ended,
    [property: JsonPropertyName("pending")] long Pending,
    [property: JsonPropertyName("happened")] long Happened,
    [property: JsonPropertyName("at_vendor")] long? AtVendor,
    [property: JsonPropertyName("books_tolerance")] double BooksTolerance,
    [property: JsonPropertyName("vendor_tolerance")] double VendorTolerance,
    [property: JsonPropertyName("finding")] string? Finding)
{
    /// <summary>Shows one.</summary>
    public static EventVolumeJson From(EventVolume volume) => new(
        volume.EventName, volume.Since, volume.Until, volume.Owed, volume.Delivered, volume.Ended, volume.Pending, volume.Happened, volume.Told, EventTolerance.Books, EventTolerance.Vendor,
        EventTolerance.CauseOf(volume));
}

/// <summary>What one comparison came to.</summary>
internal sealed record ComparisonMarkJson(
    [property: JsonPropertyName("run_id")] Guid RunId,
    [property: JsonPropertyName("compared_at")] DateTimeOffset ComparedAt,
    [property: JsonPropertyName("expected")] long Expected,
    [property: JsonPropertyName("missing")] long Missing,
    [property: JsonPropertyName("unexpected")] long Unexpected,
    [property: JsonPropertyName("different")] long Different,
    [property: JsonPropertyName("duplicate")] long Duplicate,
    [property: JsonPropertyName("volume")] long Volume,
    [property: JsonPropertyName("match_rate")] double? MatchRate)
{
    /// <summary>Shows one.</summary>
    public static ComparisonMarkJson From(ComparisonMark mark) => new(
        mark.RunId, mark.ComparedAt, mark.Expected, mark.Missing, mark.Unexpected, mark.Different, mark.Duplicates, mark.Volumes,
        mark.MatchRate is { } rate ? Math.Round(rate, 4, MidpointRounding.ToEven) : null);
}

/// <summary>Somebody in whom vendor and hub differ, masked.</summary>
internal sealed record DriftFindingJson(
    [property: JsonPropertyName("finding_id")] long FindingId,
    [property: JsonPropertyName("kind")] string Kind,
    [property: JsonPropertyName("cause")] string? Cause,
    [property: JsonPropertyName("profile_id")] long? ProfileId,
    [property: JsonPropertyName("remote_id")] string? RemoteId,
    [property: JsonPropertyName("key")] string? Key,
    [property: JsonPropertyName("field")] string? Field)
{
    /// <summary>Shows one.</summary>
    public static DriftFindingJson From(ReconciliationFinding finding) => new(
        finding.FindingId, finding.Kind, finding.Cause, finding.ProfileId,
        finding.RemoteId is { } remote && remote.Contains('@', StringComparison.Ordinal) ? MaskedKey.Of(remote) : finding.RemoteId, finding.Key is { Length: > 0 } key ? MaskedKey.Of(key) : null, finding.Field);
}

/// <summary>Body of <c>POST /v1/reconciliations</c>.</summary>
internal sealed record StartReconciliationBody : WhyJson
{
    /// <summary>Key of the audience.</summary>
    [JsonPropertyName("audience")]
    public string? Audience { get; init; }

    /// <summary>Names of destinations; all of the audience's when absent.</summary>
    [JsonPropertyName("destinations")]
    public IReadOnlyList<string>? Destinations { get; init; }

    /// <summary><c>report</c>, <c>missing</c> or <c>all</c>; what the configuration says when absent.</summary>
    [JsonPropertyName("heal")]
    public string? Heal { get; init; }
}

/// <summary>Answer of <c>POST /v1/reconciliations</c>: a run per destination.</summary>
internal sealed record StartedReconciliationsJson([property: JsonPropertyName("runs")] IReadOnlyList<ReconciliationJson> Runs);
