using System.Text.Json.Serialization;
using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Hub.Runs;
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
    /// <summary>Shows one.</summary>
    /// <param name="compared">How far comparing is, and what it found.</param>
    /// <param name="run">Its run; null while the start has not come through.</param>
    /// <param name="causes">Findings by kind and cause.</param>
    public static ReconciliationJson From(ComparisonState compared, RunJson? run, IReadOnlyList<(string Kind, string? Cause, long Count)> causes) => new(
        compared.RunId, compared.Audience, compared.Destination, StateOf(run?.State ?? RunState.Requested), compared.Stage, compared.Heal, compared.RequestedBy, compared.RequestedAt, compared.ComparedAt,
        run?.FinishedAt, run?.WaitingFor, run?.WaitingCode, compared.Calls, compared.Expected, compared.Listed, compared.Found,
        compared.ComparedAt is null ? null : new FindingCountsJson(compared.Missing, compared.Unexpected, compared.Different, compared.Duplicates),
        [.. causes.Select(cause => new CauseCountJson(cause.Kind, cause.Cause, cause.Count))],
        FieldCheckJson.From(compared),
        run?.Counts);

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
    [property: JsonPropertyName("duplicate")] long Duplicate)
{
    /// <summary>All of them.</summary>
    [JsonIgnore]
    public long Sum => Missing + Unexpected + Different + Duplicate;
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
internal sealed record FieldCheckJson(
    [property: JsonPropertyName("read")] string Read,
    [property: JsonPropertyName("checked")] long Checked,
    [property: JsonPropertyName("different")] long Different,
    [property: JsonPropertyName("upper_bound_95")] double? UpperBound)
{
    /// <summary>Shows it.</summary>
    public static FieldCheckJson From(ComparisonState compared)
    {
        var isWhole = compared.WholeFields || compared.Expected <= compared.Sample;
        return new FieldCheckJson(
            isWhole ? "whole" : "sample", compared.Checked, compared.Different, isWhole || compared.Checked == 0 ? null : Math.Round(DifferenceBound.Upper95(Math.Min(compared.Different, compared.Checked), compared.Checked), 6, MidpointRounding.AwayFromZero));
    }
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

/// <summary>A page of findings.</summary>
/// <param name="Findings">The page.</param>
/// <param name="Next">Value of <c>after</c> for the next page; null when this is the last.</param>
internal sealed record DriftFindingsJson(
    [property: JsonPropertyName("findings")] IReadOnlyList<DriftFindingJson> Findings,
    [property: JsonPropertyName("next")] long? Next);

/// <summary>Body of <c>POST /v1/reconciliations</c>.</summary>
internal sealed record StartReconciliationBody
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
