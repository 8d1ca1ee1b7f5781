using System.Text.Json.Nodes;
using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Hub.Console.Parts;
using IntegrationHub.Hub.Paging;
using IntegrationHub.Hub.Runs;
using IntegrationHub.Hub.Security;

namespace IntegrationHub.Hub.Console.Deeds;

/// <summary>What people do to runs.</summary>
internal static class RunDeeds
{
    public static IReadOnlyList<Deed> All { get; } =
    [
        new("start-sync", Scope.RunsWrite, "the sync", StartAsync),
        Of("pause-run", Scope.RunsWrite, "the pause", "pause", "Pause"),
        Of("resume-run", Scope.RunsWrite, "to resume", "resume", "Resume"),
        Of("cancel-run", Scope.RunsWrite, "the cancellation", "cancel", "Cancel"),
        Of("approve-run", Scope.RunsApprove, "the approval is given", "approve", "Approve"),
    ];

    private static Deed Of(string name, string scope, string said, string verb, string word) => new(name, scope, said, async ask =>
    {
        var found = await ask.GetAsync<RunJson>($"/v1/runs/{Uri.EscapeDataString(ask["run"])}");
        if (found.Value is not { } run)
        {
            return Effect.Of($"{word} a run", "/runs", found.Problem);
        }

        var isBackfill = run.Kind.StartsWith("backfill", StringComparison.Ordinal);
        var (counts, path) = (run.Counts, isBackfill ? "backfills" : "runs");
        var what = run.Audience.Length > 0 ? $"{run.Audience} → {run.Destination}" : run.Destination;
        return new Effect($"{word} the run {what}", $"/v1/{path}/{run.RunId}/{verb}", verb is "cancel" or "approve" ? $"{word} · {Numbers.Whole(counts.Pending)} records" : word, $"/runs/{run.RunId}")
        {
            Lines = LinesOf(verb, run),
            Seen = new JsonObject { ["expected_version"] = run.Version },
            NeedsReason = verb is "cancel" or "approve",
            IsDangerous = verb == "cancel",
            Typed = (verb == "cancel" && counts.Pending > Effect.Many) || (verb == "approve" && run.State == RunState.AwaitingApproval) ? counts.Pending : null,
            Impossible = run.FinishedAt is not null ? $"The run is over ({run.State}); it cannot be changed any more." : null,
        };
    });

    private static IReadOnlyList<string> LinesOf(string verb, RunJson run)
    {
        var counts = run.Counts;
        var (pending, planned, delivered) = (Numbers.Whole(counts.Pending), Numbers.Whole(counts.Planned), Numbers.Whole(counts.Delivered));
        return verb switch
        {
            "pause" => [$"{pending} of {planned} are not delivered; they wait until somebody resumes the run. Calls that are under way are finished.", "It can be taken back: resume."],
            "resume" => [$"{pending} of {planned} go on from where they stopped."],
            "cancel" =>
            [
                $"{pending} of {planned} are not delivered and will be settled as suppressed (run_canceled).", $"{delivered} stay at {run.Destination}. What is under way at this moment is finished.",
                "It cannot be taken back. A new run delivers what is still owed.",
            ],
            _ =>
            [
                run.WaitingFor ?? "The run waits for nobody's word.", $"{pending} records would be written to {run.Destination}; {Numbers.Whole(counts.Unchanged)} are there as they should be, {Numbers.Whole(counts.Suppressed)} are held back by policy.",
                .. run.Moves ?? [], "Members that are removed at the vendor can be added again by a later run; what the vendor started because of them cannot be taken back.",
            ],
        };
    }

    private static async Task<Effect> StartAsync(Ask ask)
    {
        var audiences = await ask.GetAsync<PageJson<AudienceJson>>("/v1/audiences");
        return audiences.Value?.Items is not { } all
            ? Effect.Of("Start a sync", "/runs", audiences.Problem)
            : new Effect("Start a sync", "/v1/audience-syncs", "Start", "/runs")
            {
                Lines = ["The hub plans what the destination owes the audience, asks for approval where a guardrail says so, delivers, and reads it back.", "A full run looks at everybody; a delta at whoever changed; a mirror also removes whom the hub does not know."],
                Fields =
                [
                    new("audience", "Audience", Value: ask["audience"], Choices: [.. all.Select(audience => audience.Audience)], IsNeeded: true),
                    new("destinations", "Destination, empty for all of the audience's", "list", ask["destination"], ["", .. all.SelectMany(audience => audience.Destinations).Distinct().Order(StringComparer.Ordinal)]),
                    new("mode", "Mode", Value: SyncMode.Full, Choices: [SyncMode.Full, SyncMode.Delta, SyncMode.Mirror]),
                ],
            };
    }
}
