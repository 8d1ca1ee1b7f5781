using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using IntegrationHub.Hub.Intake.Quarantine;
using Spectre.Console;

namespace IntegrationHub.Hub.Cli;

/// <summary><c>quarantine …</c>: facts that were set aside because something is wrong with them.</summary>
internal static class QuarantineVerbTree
{
    private const string Example = "3f8fad5b-d9cb-469f-a165-70867728950e";

    public static Verb Build(Terminal terminal) => new("quarantine", "See facts that were set aside, and replay, fix or discard them.", "quarantine list --state waiting")
    {
        List(terminal),
        Show(terminal),
        Replay(terminal),
        Fix(terminal),
        Discard(terminal),
    };

    private static Verb List(Terminal terminal)
    {
        var hub = HubOption.Create();
        var code = new Option<string?>("--code") { Description = "Only with this defect." };
        var producer = new Option<string?>("--producer") { Description = "Only of this producer." };
        var type = new Option<string?>("--type") { Description = "Only of this event type." };
        var state = new Option<string?>("--state") { Description = "Only waiting, replayed, fixed or discarded ones." };
        return new Verb("list", "List facts that were set aside, newest first.", "quarantine list", "quarantine list --state waiting --code in_the_future --producer webshop --json")
        { Options = { code, producer, type, state, hub } }
        .Lists(
            hub, PageOptions.Create(), _ => "/v1/quarantine",
            call => [("code", call.Get(code)), ("producer", call.Get(producer)), ("event_type", call.Get(type)), ("state", call.Get(state))],
            (call, list) => Write(call.Terminal.Screen(json: false), list.Of<QuarantinedFactJson>()), terminal);
    }

    private static Verb Show(Terminal terminal)
    {
        var hub = HubOption.Create();
        var id = Id();
        return new Verb("show", "Show such a fact, masked, and what is wrong with it.", $"quarantine show {Example}")
        { Arguments = { id }, Options = { hub } }
        .Does(
            async (call, cancellationToken) =>
            {
                using var client = hub.Connect(call);
                return Show(call, await client.GetAsync($"/v1/quarantine/{call.Get(id)}", cancellationToken));
            },
            terminal);
    }

    private static Verb Replay(Terminal terminal)
    {
        var hub = HubOption.Create();
        var (id, by) = (Id(), By());
        return new Verb("replay", "Take such a fact in as it came; what was wrong with it may be right by now.", $"quarantine replay {Example}")
        { Arguments = { id }, Options = { by, hub } }
        .Does((call, cancellationToken) => SettleAsync(call, hub, $"{call.Get(id)}/replay", new { by = call.Get(by) }, cancellationToken), terminal);
    }

    private static Verb Fix(Terminal terminal)
    {
        var hub = HubOption.Create();
        var (id, by) = (Id(), By());
        var set = new Option<string[]>("--set") { Description = "New value of a field: PATH=TEXT, or PATH:=JSON for a number, true, false or null. May be given several times.", HelpName = "PATH=VALUE" };
        var file = new Option<string?>("--fact") { Description = "File with the whole fact as it was meant, instead of --set.", HelpName = "FILE" };
        return new Verb("fix", "Correct such a fact and take it in; the one that came is kept beside it.", $"quarantine fix {Example} --set payload.status=denied", $"quarantine fix {Example} --fact fact.json")
        { Arguments = { id }, Options = { set, file, by, hub } }
        .Does(
            async (call, cancellationToken) =>
            {
                var fields = (call.Get(set) ?? []).Select(FieldText.Read).GroupBy(field => field.Path, StringComparer.Ordinal).ToDictionary(same => same.Key, same => same.Last().Value, StringComparer.Ordinal);
                var fact = call.Get(file) is { } path ? await ReadAsync(path, cancellationToken) : (JsonElement?)null;
                return (fields.Count > 0) == (fact is not null)
                    ? throw new CommandLineException(ExitCode.Usage, "Give either --set, as often as needed, or --fact.")
                    : await SettleAsync(call, hub, $"{call.Get(id)}/fix", fact is null ? new { by = call.Get(by), set = fields } : new { by = call.Get(by), fact }, cancellationToken);
            },
            terminal);
    }

    private static Verb Discard(Terminal terminal)
    {
        var hub = HubOption.Create();
        var (id, by) = (Id(), By());
        var reason = new Option<string>("--reason") { Description = "Why it is not wanted; stays with it.", HelpName = "TEXT", Required = true };
        return new Verb("discard", "Leave such a fact out for good. A denial that it stated stays in force.", $"quarantine discard {Example} --reason 'test data'")
        { Arguments = { id }, Options = { reason, by, hub } }
        .Does((call, cancellationToken) => SettleAsync(call, hub, $"{call.Get(id)}/discard", new { by = call.Get(by), reason = call.Get(reason) }, cancellationToken), terminal);
    }

    private static Argument<Guid> Id() => new("ID") { Description = "Id of the fact in the quarantine." };

    private static Option<string?> By() => new("--by") { Description = "For whom you do it; stays with the fact, behind your own name.", HelpName = "NAME" };

    private static async Task<int> SettleAsync(VerbCall call, HubOption hub, string path, object body, CancellationToken cancellationToken)
    {
        using var client = hub.Connect(call);
        return Show(call, await client.PostAsync($"/v1/quarantine/{path}", body, cancellationToken));
    }

    private static async Task<JsonElement> ReadAsync(string file, CancellationToken cancellationToken)
    {
        if (!File.Exists(file))
        {
            throw new CommandLineException(ExitCode.Usage, $"There is no file '{file}'.");
        }

        try
        {
            return JsonElement.Parse(await File.ReadAllTextAsync(file, cancellationToken));
        }
        catch (JsonException)
        {
            throw new CommandLineException(ExitCode.Usage, $"'{file}' is no JSON.");
        }
    }

    private static int Show(VerbCall call, JsonElement answer)
    {
        if (call.Json)
        {
            call.Write(answer);
            return ExitCode.Done;
        }

        var fact = Fact(answer);
        var output = call.Terminal.Out;
        output.WriteLine($"{fact.QuarantineId}  {fact.State}{(fact.SettledBy is null ? "" : FormattableString.Invariant($" by {fact.SettledBy}, {fact.SettledAt:u}"))}{(fact.Reason is null ? "" : $": {fact.Reason}")}");
        output.WriteLine(FormattableString.Invariant($"{fact.EventType ?? "unknown type"} {fact.EventId ?? "without id"} of {fact.Producer ?? "an unknown producer"}, received {fact.ReceivedAt:u}"));
        output.WriteLine($"{fact.Code}: {fact.Path}{(fact.Path.Length == 0 ? "" : " ")}{fact.Problem}");
        foreach (var (name, body) in new[] { ("As it came, masked:", fact.Fact), ("As it was corrected, masked:", fact.Corrected) })
        {
            if (body is not null)
            {
                output.WriteLine(name);
                output.WriteLine(body.ToJsonString(Verb.Indented));
            }
        }

        output.WriteLine(fact.NextStep);
        return ExitCode.Done;
    }

    private static void Write(IAnsiConsole screen, List<QuarantinedFactJson> facts)
    {
        if (facts.Count == 0)
        {
            screen.WriteLine("There are no such facts.");
            return;
        }

        foreach (var fact in facts)
        {
            screen.WriteLine(FormattableString.Invariant(
                $"{fact.QuarantineId}  {fact.State}  {fact.ReceivedAt:u}  {fact.EventType ?? "unknown type"} of {fact.Producer ?? "an unknown producer"}: {fact.Code}{(fact.Path.Length == 0 ? "" : $" at {fact.Path}")}"));
        }
    }

    private static QuarantinedFactJson Fact(JsonElement element) => element.Deserialize<QuarantinedFactJson>()!;
}
