using System.Globalization;
using System.Text.Json.Nodes;
using IntegrationHub.Hub.Console.Parts;
using IntegrationHub.Hub.Security;
using IntegrationHub.Hub.Versions;

namespace IntegrationHub.Hub.Console.Deeds;

/// <summary>What people do to the configuration.</summary>
internal static class ChangeDeeds
{
    private const int Shown = 12;

    public static IReadOnlyList<Deed> All { get; } =
    [
        new("go-back", Scope.ConfigApply, "to go back", async ask =>
        {
            var number = long.TryParse(ask["version"], CultureInfo.InvariantCulture, out var asked) ? asked : 0;
            var found = await ask.GetAsync<ConfigurationPlanJson>(FormattableString.Invariant($"/v1/config/versions/{number}/plan"));
            return found.Value is not { } plan
                ? Effect.Of($"Go back to version {number}", "/changes", found.Problem)
                : new Effect($"Go back to version {number}", "/v1/config/versions/apply", $"Go back to version {number}", "/changes")
                {
                    Lines =
                    [
                        $"What version {number} holds comes into force as a new version, on version {plan.BaseVersion}: {Numbers.Whole(plan.Changes.Count)} values differ.{(plan.NeedsApproval ? " Another person has to agree first." : "")}",
                        .. plan.Privacy.Concat(plan.Breaking).Take(Shown).Select(finding => finding.Text),
                        .. (plan.Effects?.Syncs ?? []).Take(Shown).Select(sync => $"{sync.Audience} → {sync.Destination}: the next full run adds {sync.Add}, writes {sync.Update}, removes {sync.Remove} of {Numbers.Whole(sync.People)} people."),
                    ],
                    Seen = new JsonObject { ["version"] = number, ["plan_hash"] = plan.PlanHash },
                    NeedsReason = true,
                    Impossible = plan.Changes.Count == 0 ? $"Version {plan.BaseVersion} holds the same and is in force." : null,
                };
        }),
    ];
}
