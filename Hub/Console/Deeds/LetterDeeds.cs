using System.Text.Json.Nodes;
using IntegrationHub.Hub.Console.Parts;
using IntegrationHub.Hub.DeadLetters;
using IntegrationHub.Hub.Security;

namespace IntegrationHub.Hub.Console.Deeds;

/// <summary>What people do with dead letters.</summary>
internal static class LetterDeeds
{
    public static IReadOnlyList<Deed> All { get; } =
    [
        Of("replay-letters", "the replay", "replay", "Replay"), Of("discard-letters", "to discard them", "discard", "Discard"), Of("restore-letters", "to restore them", "restore", "Restore"),
        new("stop-action", Scope.RunsWrite, "to stop", async ask =>
        {
            var found = await ask.GetAsync<LetterActionJson>($"/v1/dead-letters/actions/{Uri.EscapeDataString(ask["action"])}");
            return found.Value is not { } action
                ? Effect.Of("Stop an action", "/actions", found.Problem)
                : new Effect($"Stop action {action.ActionId}", $"/v1/dead-letters/actions/{action.ActionId}/stop", $"Stop · {Numbers.Whole(action.Frozen - action.Done)} letters left", $"/actions/{action.ActionId}")
                {
                    Lines = [$"{Numbers.Whole(action.Done)} of {Numbers.Whole(action.Frozen)} letters are done and stay so; the others are open again."],
                    Impossible = action.FinishedAt is null ? null : "The action is over.",
                };
        }),
    ];

    private static Deed Of(string name, string said, string verb, string word) => new(name, Scope.RunsWrite, said, async ask =>
    {
        var (destination, operation, code, letter) = (ask["destination"], ask["operation"], ask["code"], ask["letter"]);
        var seen = new JsonObject { ["destination"] = destination };
        if (long.TryParse(letter, out var id))
        {
            seen["ids"] = new JsonArray(id);
        }
        else
        {
            (seen["operation"], seen["code"]) = (operation, code);
        }

        var asked = (JsonObject)seen.DeepClone();
        asked["dry_run"] = true;
        var preview = await ask.Api.PostAsync<LetterPreviewJson>(ask.Http, $"/v1/dead-letters/{verb}", asked, null);
        var what = letter.Length > 0 ? $"letter {letter}" : $"letters of {operation} with {code}";
        if (preview.Value is not { } plan)
        {
            return Effect.Of($"{word} {what}", "/dead-letters", preview.Problem);
        }

        seen["expected"] = plan.Expected;
        return new Effect($"{word} {Numbers.Whole(plan.Expected)} {(plan.Expected == 1 ? "letter" : "letters")} to {destination}", $"/v1/dead-letters/{verb}", $"{word} {Numbers.Whole(plan.Expected)}", "/actions")
        {
            Lines = LinesOf(verb, plan, destination),
            Seen = seen,
            NeedsReason = true,
            Typed = plan.Expected > Effect.Many ? plan.Expected : null,
            IsDangerous = verb == "discard",
            Fields = verb == "replay" && plan.Ambiguous > 0 ? [new Field("allow_repeat", $"Send the {Numbers.Whole(plan.Ambiguous)} that the vendor may have already, too", "check")] : [],
            Impossible = plan.Expected == 0 ? "No letter of this kind waits any more." : null,
            LeadsTo = action => action["action_id"] is { } begun ? $"/actions/{begun}" : null,
        };
    });

    private static IReadOnlyList<string> LinesOf(string verb, LetterPreviewJson plan, string destination) => verb switch
    {
        "replay" =>
        [
            $"{Numbers.Whole(plan.Expected)} letters are sent to {destination} again, each unless something newer went there meanwhile. Letters that come later are left.",
            plan.Ambiguous > 0 ? $"{Numbers.Whole(plan.Ambiguous)} of them the vendor may have already, and it recognises no repeat." : "A repeat is harmless: the vendor recognises it, or had none of them.",
            "It can be stopped; what was sent until then stays sent.",
        ],
        "discard" => [$"{Numbers.Whole(plan.Expected)} letters are not sent to {destination} any more.", "They can be restored until retention takes them."],
        _ => [$"{Numbers.Whole(plan.Expected)} letters are open again."],
    };
}
