using System.Text.Json.Serialization;
using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Storage.Runs;
using IntegrationHub.Storage.Verification;

namespace IntegrationHub.Hub.Runs;

/// <summary>In whom vendor and hub differ for a run, and what to do about it.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Missing">Members that the vendor did not show in the last read-back; null before the first.</param>
/// <param name="Unexpected">Members that the vendor showed and that should not be there.</param>
/// <param name="NextStep">What to do.</param>
/// <param name="Findings">A page of them; of each kind the first 1,000 are kept.</param>
/// <param name="Next">Value of <c>after</c> for the next page; null when this is the last.</param>
internal sealed record RunFindingsJson(
    [property: JsonPropertyName("run_id")] Guid RunId,
    [property: JsonPropertyName("missing")] long? Missing,
    [property: JsonPropertyName("unexpected")] long? Unexpected,
    [property: JsonPropertyName("next_step")] string NextStep,
    [property: JsonPropertyName("findings")] IReadOnlyList<RunFindingJson> Findings,
    [property: JsonPropertyName("next")] long? Next)
{
    /// <summary>Shows a page.</summary>
    public static RunFindingsJson From(RunView run, IReadOnlyList<ReadBackFinding> page, int limit) => new(
        run.RunId, run.Verification.Missing, run.Verification.Unexpected, NextStepOf(run),
        [.. page.Select(RunFindingJson.From)], page.Count < limit ? null : page[^1].FindingId);

    private static string NextStepOf(RunView run)
    {
        var again = $"'sync start {run.Audience} --destination {run.Destination}{(run.Mode == SyncMode.Mirror ? " --mode mirror" : "")}'";
        return run switch
        {
            { Verification: { Missing: null or 0, Unexpected: null or 0 } } => run.Verification.Missing is null ? "Nothing was read back yet." : "Nothing differs.",
            { FinishedAt: null, ReadBackAt: { } at } => FormattableString.Invariant($"Wait: the vendor may still catch up, the members are read back again at {at:u}."),
            { FinishedAt: null } => "Wait: the members are being read back.",
            _ => $"Start the next run: {again}. It adds whoever is missing and removes whoever this run removed in vain. Who differs after that as well: look for the remote_id in the vendor's own console, and let 'destinations check {run.Destination}' look at permissions and fields.",
        };
    }
}

/// <summary>Somebody in whom vendor and hub differ.</summary>
/// <param name="Kind"><c>missing</c> or <c>unexpected</c>.</param>
/// <param name="ProfileId">The hub's id of the person; null for a stranger.</param>
/// <param name="RemoteId">The vendor's id, where it is known.</param>
/// <param name="Key">External id or e-mail, masked: enough to recognise somebody whom one looks for.</param>
internal sealed record RunFindingJson(
    [property: JsonPropertyName("kind")] string Kind,
    [property: JsonPropertyName("profile_id")] long? ProfileId,
    [property: JsonPropertyName("remote_id")] string? RemoteId,
    [property: JsonPropertyName("key")] string? Key)
{
    /// <summary>Shows one, masked.</summary>
    public static RunFindingJson From(ReadBackFinding finding) => new(
        finding.Kind, finding.ProfileId, finding.RemoteId is { } remote && remote.Contains('@', StringComparison.Ordinal) ? MaskedKey.Of(remote) : finding.RemoteId, finding.Key is { } key ? MaskedKey.Of(key) : null);
}
