using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using IntegrationHub.Hub.DeadLetters;
using IntegrationHub.Storage.DeadLetters;

namespace IntegrationHub.Hub.Cli;

/// <summary>What people do with dead letters: first the count is shown, then it is confirmed with that count.</summary>
internal static class LetterActionVerbs
{
    public static Verb Replay(Terminal terminal)
    {
        var repeat = new Option<bool>("--allow-repeat") { Description = "Send what the vendor may have already, too: it recognises no repeat, so its counts, sums and triggers of these events may double." };
        return Command(
            "replay", "Send dead letters again, as things stand now; done when each has its new outcome.", terminal, [repeat],
            call => new { allow_repeat = call.Get(repeat) },
            "deadletters replay --destination hubspot --operation upsert_profile --code hubspot_property_unknown", "deadletters replay --destination hubspot --id 4711 --reason 'the property is there now' --expected 1 --wait");
    }

    public static Verb Discard(Terminal terminal) => Command(
        "discard", "Say that dead letters are not wanted. Can be taken back with 'deadletters restore' while they are kept.", terminal, [], _ => new { },
        "deadletters discard --destination hubspot --code hubspot_invalid_email --reason 'test data' --expected 12");

    public static Verb Restore(Terminal terminal) => Command(
        "restore", "Take a discard back.", terminal, [], _ => new { }, "deadletters restore --destination hubspot --id 4711 --reason 'they were real' --expected 1");

    public static Verb Settle(Terminal terminal)
    {
        var verdict = new Option<string?>("--as") { Description = "What the vendor shows of these events." };
        verdict.AcceptOnlyFromAmong("delivered", "not-delivered");
        var vendor = new Option<bool>("--by-vendor") { Description = "Ask the vendor instead, within the share of its calls that reading back may take." };
        return Command(
            "settle", "Say of ambiguous events whether the vendor has them, or ask it.", terminal, [verdict, vendor], call => new { @as = call.Get(verdict), by_vendor = call.Get(vendor) },
            "deadletters settle --destination marketo --by-vendor --expected 12 --wait",
            "deadletters settle --destination braze --as not-delivered --id 4711 --reason 'looked at the person in Braze' --expected 1");
    }

    public static Verb Fix(Terminal terminal)
    {
        var hub = HubOption.Create();
        var id = new Argument<long>("ID") { Description = "Id of the dead letter." };
        var set = new Option<string[]>("--set") { Description = "New value: attributes.NAME=VALUE, email=VALUE, phone=VALUE, or of an event payload.properties.NAME=VALUE. With := it is JSON. May be repeated.", HelpName = "PATH=VALUE", Required = true };
        var reason = Reason();
        return new Verb("fix", "Correct what one dead letter sends; then replay it. The person's data at its source stays as it is.", "deadletters fix 4711 --set attributes.country=DE")
        { Arguments = { id }, Options = { set, reason, hub } }
        .Does(
            async (call, cancellationToken) =>
            {
                using var client = hub.Connect(call);
                var changes = call.Get(set)!.Select(FieldText.Read).ToDictionary(field => field.Path, field => field.Value, StringComparer.Ordinal);
                var answer = await client.PostAsync($"/v1/dead-letters/{call.Get(id)}/fix", new { set = changes, reason = call.Get(reason) }, cancellationToken);
                return Show(call, answer);
            },
            terminal);
    }

    public static Verb Actions(Terminal terminal)
    {
        var hub = HubOption.Create();
        var id = new Argument<long?>("ACTION") { Description = "Only this one.", Arity = ArgumentArity.ZeroOrOne };
        var destination = new Option<string?>("--destination") { Description = "Only of this destination." };
        var wait = new Option<bool>("--wait") { Description = "With an action: watch it to its end." };
        var page = PageOptions.Create();
        return new Verb("actions", "See what was done with dead letters, by whom, and what came of it.", "deadletters actions", "deadletters actions 12 --wait")
        { Arguments = { id }, Options = { destination, wait, page.After, page.Limit, hub } }
        .Does(
            async (call, cancellationToken) =>
            {
                using var client = hub.Connect(call);
                if (call.Get(id) is { } one)
                {
                    var action = await client.GetAsync($"/v1/dead-letters/actions/{one}", cancellationToken);
                    return call.Get(wait) ? await WatchAsync(call, client, Action(action), cancellationToken) : Show(call, action);
                }

                var list = await client.ListAsync("/v1/dead-letters/actions", [("destination", call.Get(destination))], (call.Get(page.After), call.Get(page.Limit)), cancellationToken);
                if (call.Json)
                {
                    call.Write(list.Answer());
                    return ExitCode.Done;
                }

                call.Terminal.Out.WriteLine(list.Items.Count == 0 ? "Nobody did anything with dead letters yet." : string.Join(Environment.NewLine, list.Items.Select(Action).Select(Line)));
                call.Terminal.Out.Write(list.Rest() is { } rest ? rest + Environment.NewLine : "");
                return ExitCode.Done;
            },
            terminal);
    }

    public static Verb Stop(Terminal terminal)
    {
        var hub = HubOption.Create();
        var id = new Argument<long>("ACTION") { Description = "The replay." };
        return new Verb("stop", "Stop a replay: what was not sent stays a dead letter.", "deadletters stop 12")
        { Arguments = { id }, Options = { hub } }
        .Does(
            async (call, cancellationToken) =>
            {
                using var client = hub.Connect(call);
                return Show(call, await client.PostAsync($"/v1/dead-letters/actions/{call.Get(id)}/stop", null, cancellationToken));
            },
            terminal);
    }

    /// <summary>An action in one line.</summary>
    public static string Line(LetterActionJson action)
    {
        var of = string.Join(' ', new[] { action.Destination, action.Operation, action.Code, action.Ids is { Count: > 0 } ids ? $"letter {string.Join(", ", ids)}" : null }.OfType<string>());
        var results = string.Join(", ", action.Results.Select(result => string.Create(CultureInfo.InvariantCulture, $"{result.Count:N0} {(result is { Status: LetterStatus.Open, Code: null } ? "given back" : result.Status)}{(result.Code is null ? "" : $" ({result.Code})")}")));
        return string.Create(CultureInfo.InvariantCulture, $"{action.ActionId}  {action.Kind}  {action.State}  {of}: {action.Done:N0} of {action.Frozen:N0}{(results.Length == 0 ? "" : $" = {results}")}; by {action.By}, {action.RequestedAt:u}{(action.Reason is null ? "" : $": {action.Reason}")}{(action.WaitingFor is null ? "" : $" ({action.WaitingFor})")}");
    }

    private static Verb Command(string name, string description, Terminal terminal, IReadOnlyList<Option> more, Func<VerbCall, object> members, params string[] examples)
    {
        var hub = HubOption.Create();
        var destination = new Option<string>("--destination") { Description = "Whose letters.", Required = true };
        var operation = new Option<string?>("--operation") { Description = "Only of this operation." };
        var code = new Option<string?>("--code") { Description = "Only with this reason code." };
        var run = new Option<Guid?>("--run") { Description = "Only of this run.", HelpName = "RUN" };
        var ids = new Option<long[]>("--id") { Description = "Only this letter; may be repeated.", HelpName = "ID" };
        var expected = new Option<long?>("--expected") { Description = "How many letters you were shown. Without it you are shown, and nothing is done.", HelpName = "COUNT" };
        var wait = new Option<bool>("--wait") { Description = "Watch it to its end." };
        var (reason, key) = (Reason(), new Option<string?>("--key") { Description = "The same call with the same key is done once." });
        var verb = new Verb(name, description, examples) { Options = { destination, operation, code, run, ids, expected, reason, key, wait, hub } };
        foreach (var option in more)
        {
            verb.Options.Add(option);
        }

        return verb.Does(
            async (call, cancellationToken) =>
            {
                using var client = hub.Connect(call);
                var body = JsonSerializer.SerializeToNode(members(call))!.AsObject();
                body["destination"] = call.Get(destination);
                body["operation"] = call.Get(operation);
                body["code"] = call.Get(code);
                body["run_id"] = call.Get(run);
                body["ids"] = call.Get(ids) is { Length: > 0 } some ? JsonSerializer.SerializeToNode(some) : null;
                body["expected"] = call.Get(expected);
                body["dry_run"] = call.Get(expected) is null;
                body["reason"] = call.Get(expected) is null || call.Get(reason) is not null || call.Json ? call.Get(reason) : call.Terminal.Ask("Why, in 5 to 500 characters? It stays with the action:");
                var answer = await client.PostAsync($"/v1/dead-letters/{name}", body, call.Get(key), cancellationToken);
                if (call.Get(expected) is not null)
                {
                    return call.Get(wait) ? await WatchAsync(call, client, Action(answer), cancellationToken) : Show(call, answer);
                }

                if (call.Json)
                {
                    call.Write(answer);
                    return ExitCode.Done;
                }

                var shown = answer.Deserialize<LetterPreviewJson>()!;
                call.Terminal.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{shown.Expected:N0} letters. Nothing was done; add --expected {shown.Expected} --reason TEXT to {name} them."));
                if (shown.Ambiguous > 0)
                {
                    call.Terminal.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{shown.Ambiguous:N0} of them may have arrived, and {call.Get(destination)} recognises no repeat: settle them first, or add --allow-repeat."));
                }

                return ExitCode.Done;
            },
            terminal);
    }

    private static Option<string?> Reason() => new("--reason") { Description = "Why, in 5 to 500 characters; stays with the action.", HelpName = "TEXT" };

    private static async Task<int> WatchAsync(VerbCall call, HubClient client, LetterActionJson action, CancellationToken cancellationToken)
    {
        var last = await LetterScreen.WatchAsync(
            call.Terminal, call.Json, action, async () => Action(await client.GetAsync($"/v1/dead-letters/actions/{action.ActionId}", cancellationToken)), cancellationToken);
        if (call.Json)
        {
            call.Write(last);
        }
        else
        {
            call.Terminal.Out.WriteLine(Line(last));
        }

        return last.State == LetterActionState.Done && last.Results.All(result => result.Status != LetterStatus.CameBack) ? ExitCode.Done : ExitCode.Issues;
    }

    private static int Show(VerbCall call, JsonElement answer)
    {
        if (call.Json)
        {
            call.Write(answer);
        }
        else
        {
            var action = Action(answer);
            call.Terminal.Out.WriteLine(Line(action));
            if (action.State == LetterActionState.Waiting)
            {
                call.Terminal.Out.WriteLine("Nothing is sent before somebody agrees: approvals list --kind letters");
            }
        }

        return ExitCode.Done;
    }

    private static LetterActionJson Action(JsonElement element) => element.Deserialize<LetterActionJson>()!;
}
