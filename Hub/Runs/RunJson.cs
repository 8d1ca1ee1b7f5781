using System.Text.Json.Serialization;
using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Hub.Backfills.Pace;
using IntegrationHub.Hub.Diagnosis;
using IntegrationHub.Storage.Backfills;
using IntegrationHub.Storage.Runs;

namespace IntegrationHub.Hub.Runs;

/// <summary>A run as the API and the CLI show it.</summary>
internal sealed record RunJson
{
    [JsonPropertyName("run_id")]
    public required Guid RunId { get; init; }

    [JsonPropertyName("kind")]
    public required string Kind { get; init; }

    [JsonPropertyName("state")]
    public required string State { get; init; }

    [JsonPropertyName("audience")]
    public required string Audience { get; init; }

    [JsonPropertyName("destination")]
    public required string Destination { get; init; }

    [JsonPropertyName("mode")]
    public required string Mode { get; init; }

    [JsonPropertyName("snapshot_id")]
    public Guid? SnapshotId { get; init; }

    [JsonPropertyName("requested_at")]
    public required DateTimeOffset RequestedAt { get; init; }

    /// <summary>Id of the principal that asked for it.</summary>
    [JsonPropertyName("requested_by")]
    public string RequestedBy { get; init; } = "";

    /// <summary>What somebody who decides about the run has seen: its state, and while it waits for approval its plan. Send it as <c>If-Match</c> or <c>expected_version</c>.</summary>
    [JsonPropertyName("version")]
    public string Version { get; init; } = "";

    [JsonPropertyName("finished_at")]
    public DateTimeOffset? FinishedAt { get; init; }

    [JsonPropertyName("last_progress_at")]
    public DateTimeOffset? LastProgressAt { get; init; }

    /// <summary>What the run waits for and what to do, or null.</summary>
    [JsonPropertyName("waiting_for")]
    public string? WaitingFor { get; init; }

    /// <summary>Stable code of <see cref="WaitingFor"/>, as in the runbook; null with it.</summary>
    [JsonPropertyName("waiting_code")]
    public string? WaitingCode { get; init; }

    /// <summary>The same in parts, with since when and what it rests on; null when it waits for nothing that the hub knows.</summary>
    [JsonPropertyName("waiting"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public WaitingJson? Waiting { get; init; }

    /// <summary>What the caller may do to it now, and why not the rest; shown of one run, null in lists.</summary>
    [JsonPropertyName("actions"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<RunActionJson>? Actions { get; init; }

    /// <summary>What the run will change at the vendor beside the plan, because the configuration asks for another side of the audience; null for nothing, and once it delivers.</summary>
    [JsonPropertyName("moves")]
    public IReadOnlyList<string>? Moves { get; init; }

    [JsonPropertyName("counts")]
    public required CountsJson Counts { get; init; }

    [JsonPropertyName("reasons")]
    public required IReadOnlyList<ReasonJson> Reasons { get; init; }

    [JsonPropertyName("verification")]
    public required VerificationJson Verification { get; init; }

    /// <summary>Set while the run makes no progress.</summary>
    [JsonPropertyName("stalled")]
    public StalledJson? Stalled { get; init; }

    /// <summary>Set when a step failed for good.</summary>
    [JsonPropertyName("failure")]
    public FailureJson? Failure { get; init; }

    /// <summary>The version of the configuration by which it was planned, shown of one run; null before, and in lists.</summary>
    [JsonPropertyName("config_version"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public long? ConfigVersion { get; init; }

    /// <summary>Shows a backfill.</summary>
    public static RunJson From(BackfillView backfill) => new()
    {
        RunId = backfill.Run.CorrelationId,
        Kind = $"backfill_{backfill.Run.Kind}",
        State = backfill.Run.CurrentState,
        Audience = backfill.Run.Audience,
        Destination = backfill.Run.Destination,
        Mode = backfill.Run.Kind,
        RequestedAt = backfill.Run.RequestedAt,
        RequestedBy = backfill.Run.RequestedBy,
        Version = RunVersion.Of(backfill),
        FinishedAt = backfill.Run.FinishedAt,
        LastProgressAt = backfill.Run.LastProgressAt,
        WaitingFor = backfill.ClosedUntil is { } opensAt ? WindowWord.Of(opensAt, backfill.Terms.Windows) : backfill.Run.WaitingFor,
        WaitingCode = backfill.Run switch
        {
            _ when backfill.ClosedUntil is not null => DiagnosisCode.WindowClosed,
            { CurrentState: RunState.AwaitingApproval } => DiagnosisCode.Approval,
            { CurrentState: RunState.Paused } => DiagnosisCode.Paused,
            { ReadBackAt: not null } => DiagnosisCode.VendorCatchingUp,
            var run => run.DiagnosisCode,
        },
        Counts = CountsJson.From(backfill.Counts),
        Reasons = [.. backfill.Reasons.Select(reason => new ReasonJson(reason.Outcome, reason.Code, reason.Count))],
        Verification = new VerificationJson(backfill.Run.Expected, backfill.Run.Found, backfill.Run.Missing, null),
        Stalled = backfill.ClosedUntil is null && backfill.Run.StalledSince is { } since ? new StalledJson(since, backfill.Run.DiagnosisCode, backfill.Run.DiagnosisDetail) : null,
        Failure = backfill.Run.FailureCode is { } code ? new FailureJson(code, backfill.Run.FailureDetail) : null,
    };

    /// <summary>Shows a run.</summary>
    /// <param name="run">The run.</param>
    /// <param name="waiting">What it waits for now, or null when nothing is known beyond its row.</param>
    public static RunJson From(RunView run, Verdict? waiting = null) => new()
    {
        RunId = run.RunId,
        Kind = run.Kind,
        State = run.State,
        Audience = run.Audience,
        Destination = run.Destination,
        Mode = run.Mode,
        SnapshotId = run.SnapshotId,
        RequestedAt = run.RequestedAt,
        RequestedBy = run.RequestedBy,
        Version = RunVersion.Of(run),
        FinishedAt = run.FinishedAt,
        LastProgressAt = run.LastProgressAt,
        WaitingFor = run.FinishedAt is null ? waiting?.Sentence ?? run.WaitingFor : null,
        WaitingCode = run.FinishedAt is null ? waiting?.Code : null,
        Waiting = run.FinishedAt is null && waiting is not null ? WaitingJson.From(waiting) : null,
        Counts = CountsJson.From(run.Counts),
        Reasons = [.. run.Reasons.Select(reason => new ReasonJson(reason.Outcome, reason.Code, reason.Count))],
        Verification = new VerificationJson(run.Verification.Expected, run.Verification.Found, run.Verification.Missing, run.Verification.Unexpected, run.Verification.FieldsRead, run.Verification.Differing),
        Stalled = run.StalledSince is { } since ? new StalledJson(since, run.DiagnosisCode, run.DiagnosisDetail) : null,
        Failure = run.FailureCode is { } code ? new FailureJson(code, run.FailureDetail) : null,
    };
}

/// <summary>The ledger of a run.</summary>
internal sealed record CountsJson(
    [property: JsonPropertyName("planned")] long Planned,
    [property: JsonPropertyName("delivered")] long Delivered,
    [property: JsonPropertyName("unchanged")] long Unchanged,
    [property: JsonPropertyName("suppressed")] long Suppressed,
    [property: JsonPropertyName("rejected")] long Rejected,
    [property: JsonPropertyName("dead_lettered")] long DeadLettered,
    [property: JsonPropertyName("pending")] long Pending)
{
    public static CountsJson From(LedgerCounts counts) =>
        new(counts.Planned, counts.Delivered, counts.Unchanged, counts.Suppressed, counts.Rejected, counts.DeadLettered, counts.Pending);
}

/// <summary>Records that ended with an outcome for a reason.</summary>
internal sealed record ReasonJson(
    [property: JsonPropertyName("outcome")] string Outcome,
    [property: JsonPropertyName("code")] string Code,
    [property: JsonPropertyName("count")] long Count);

/// <summary>What the read-back found; null before the first.</summary>
internal sealed record VerificationJson(
    [property: JsonPropertyName("expected")] long? Expected,
    [property: JsonPropertyName("found")] long? Found,
    [property: JsonPropertyName("missing")] long? Missing,
    [property: JsonPropertyName("unexpected")] long? Unexpected,
    [property: JsonPropertyName("fields_read")] long? FieldsRead = null,
    [property: JsonPropertyName("differing")] long? Differing = null);

/// <summary>Since when a run makes no progress, and why.</summary>
internal sealed record StalledJson(
    [property: JsonPropertyName("since")] DateTimeOffset Since,
    [property: JsonPropertyName("code")] string? Code,
    [property: JsonPropertyName("detail")] string? Detail);

/// <summary>Why a run failed.</summary>
internal sealed record FailureJson(
    [property: JsonPropertyName("code")] string Code,
    [property: JsonPropertyName("detail")] string? Detail);
