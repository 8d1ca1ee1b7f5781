using System.Text.Json.Serialization;
using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Hub.Paging;
using IntegrationHub.Storage.Paging;
using IntegrationHub.Storage.Runs;
using IntegrationHub.Storage.Verification;

namespace IntegrationHub.Hub.Runs;

/// <summary>In whom vendor and hub differ for a run, and what to do about it; of each kind the first 1,000 are kept.</summary>
internal sealed record RunFindingsJson : PageJson<RunFindingJson>
{
    /// <summary>The run.</summary>
    [JsonPropertyName("run_id")]
    public required Guid RunId { get; init; }

    /// <summary>Members that the vendor did not show in the last read-back; null before the first.</summary>
    [JsonPropertyName("missing")]
    public required long? Missing { get; init; }

    /// <summary>Members that the vendor showed and that should not be there.</summary>
    [JsonPropertyName("unexpected")]
    public required long? Unexpected { get; init; }

    /// <summary>People in whom a field is not what was written, of those whose fields were read.</summary>
    [JsonPropertyName("different")]
    public required long? Different { get; init; }

    /// <summary>What to do.</summary>
    [JsonPropertyName("next_step")]
    public required string NextStep { get; init; }

    /// <summary>Shows a page.</summary>
    public static RunFindingsJson From(RunView run, Page<ReadBackFinding> page) => new()
    {
        RunId = run.RunId, Missing = run.Verification.Missing, Unexpected = run.Verification.Unexpected, Different = run.Verification.Differing, NextStep = NextStepOf(run),
        Items = [.. page.Items.Select(RunFindingJson.From)], Next = page.Next, Count = page.Count, CountCapped = page.IsCountCapped,
    };

    private static string NextStepOf(RunView run)
    {
        var again = $"'sync start {run.Audience} --destination {run.Destination}{(run.Mode == SyncMode.Mirror ? " --mode mirror" : "")}'";
        return run switch
        {
            { Verification.Differs: false } => run.Verification.Missing is null ? "Nothing was read back yet." : "Nothing differs.",
            { FinishedAt: null, ReadBackAt: { } at } => FormattableString.Invariant($"Wait: the vendor may still catch up, the members are read back again at {at:u}."),
            { FinishedAt: null } => "Wait: the members are being read back.",
            { Verification: { Missing: null or 0, Unexpected: null or 0 } } => $"Somebody at {run.Destination} changed the fields after the run wrote them, or {run.Destination} did not apply them: 'reconcile {run.Audience} {run.Destination} --heal missing' compares and writes them again. What differs after that as well is changed there by a workflow or a rule of the field.",
            _ => $"Start the next run: {again}. It adds whoever is missing and removes whoever this run removed in vain. Who differs after that as well: look for the remote_id in the vendor's own console, and let 'destinations check {run.Destination}' look at permissions and fields.",
        };
    }
}

/// <summary>Somebody in whom vendor and hub differ.</summary>
/// <param name="Kind"><c>missing</c>, <c>unexpected</c> or <c>different</c>.</param>
/// <param name="ProfileId">The hub's id of the person; null for a stranger.</param>
/// <param name="RemoteId">The vendor's id, where it is known.</param>
/// <param name="Key">External id or e-mail, masked: enough to recognise somebody whom one looks for.</param>
/// <param name="Field">The vendor's field that is not what was written; else null.</param>
internal sealed record RunFindingJson(
    [property: JsonPropertyName("kind")] string Kind,
    [property: JsonPropertyName("profile_id")] long? ProfileId,
    [property: JsonPropertyName("remote_id")] string? RemoteId,
    [property: JsonPropertyName("key")] string? Key,
    [property: JsonPropertyName("field")] string? Field)
{
    /// <summary>Shows one, masked.</summary>
    public static RunFindingJson From(ReadBackFinding finding) => new(
        finding.Kind, finding.ProfileId, finding.RemoteId is { } remote && remote.Contains('@', StringComparison.Ordinal) ? MaskedKey.Of(remote) : finding.RemoteId, finding.Key is { } key ? MaskedKey.Of(key) : null,
        finding.Field);
}
