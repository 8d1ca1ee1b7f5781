using System.Text.Json.Nodes;
using IntegrationHub.Hub.Backfills;
using IntegrationHub.Hub.Console.Parts;
using IntegrationHub.Hub.Security;

namespace IntegrationHub.Hub.Console.Deeds;

/// <summary>What people do to backfills that they cannot do to other runs.</summary>
internal static class BackfillDeeds
{
    public static IReadOnlyList<Deed> All { get; } =
    [
        new("approve-backfill", Scope.RunsApprove, "the approval is given", ask => DescribeAsync(ask, backfill => new Effect(
            $"Approve the backfill to {backfill.Run.Destination}", $"/v1/backfills/{backfill.Run.RunId}/approve", $"Approve · {Numbers.Whole(backfill.Plan?.ToWrite ?? 0)} records", $"/runs/{backfill.Run.RunId}")
        {
            Lines =
            [
                $"{Numbers.Whole(backfill.Plan?.ToWrite ?? 0)} records would be written to {backfill.Run.Destination}{(backfill.Plan is { MayCreate: > 0 and var created } ? $", of them up to {Numbers.Whole(created)} people who may be created there" : "")}.",
                .. backfill.Plan?.Automation ?? [], .. backfill.Plan?.CannotBeTakenBack ?? [],
            ],
            Seen = new JsonObject { ["plan_hash"] = backfill.PlanHash },
            NeedsReason = true,
            Typed = backfill.Plan?.ToWrite > Effect.Many ? backfill.Plan.ToWrite : null,
        })),
        new("roll-back", Scope.RunsWrite, "a plan for the way back", ask => DescribeAsync(ask, backfill => new Effect(
            $"Roll back the backfill to {backfill.Run.Destination}", $"/v1/backfills/{backfill.Run.RunId}/rollback", $"Plan the way back · {Numbers.Whole(backfill.Run.Counts.Delivered)} records", "/backfills")
        {
            Lines = [$"The hub plans to write back what {Numbers.Whole(backfill.Run.Counts.Delivered)} records had before. Nothing is written yet: the plan is shown, and waits for its own approval.", "Who was changed by somebody else since then is left as it is."],
            NeedsReason = true,
            Impossible = backfill.Run.FinishedAt is null ? "The backfill is not over; cancel it first." : null,
        })),
    ];

    private static async Task<Effect> DescribeAsync(Ask ask, Func<BackfillJson, Effect> effect)
    {
        var found = await ask.GetAsync<BackfillJson>($"/v1/backfills/{Uri.EscapeDataString(ask["run"])}");
        return found.Value is { } backfill ? effect(backfill) : Effect.Of("Backfill", "/backfills", found.Problem);
    }
}
