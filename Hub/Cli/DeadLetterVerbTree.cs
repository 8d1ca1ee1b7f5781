using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using IntegrationHub.Hub.DeadLetters;
using IntegrationHub.Hub.Destinations;
using Spectre.Console;

namespace IntegrationHub.Hub.Cli;

/// <summary><c>deadletters …</c>: records that did not arrive, why, and what to do with them.</summary>
internal static class DeadLetterVerbTree
{
    public static Verb Build(Terminal terminal) => new("deadletters", "See records that did not arrive, and why; send them again, correct or discard them.", "deadletters groups", "deadletters list --destination hubspot")
    {
        Groups(terminal),
        List(terminal),
        Show(terminal),
        LetterActionVerbs.Replay(terminal),
        LetterActionVerbs.Fix(terminal),
        LetterActionVerbs.Discard(terminal),
        LetterActionVerbs.Restore(terminal),
        LetterActionVerbs.Settle(terminal),
        LetterActionVerbs.Actions(terminal),
        LetterActionVerbs.Stop(terminal),
    };

    private static Verb Groups(Terminal terminal)
    {
        var hub = HubOption.Create();
        var destination = new Option<string?>("--destination") { Description = "Only of this destination." };
        return new Verb("groups", "See dead letters by destination, operation and code, and whether their cause is over.", "deadletters groups", "deadletters groups --destination hubspot --json")
        { Options = { destination, hub } }
        .Lists(
            hub, null, _ => "/v1/dead-letters/groups", call => [("destination", call.Get(destination))],
            (call, list) => Write(call.Terminal.Screen(json: false), list.Of<LetterGroupJson>()), terminal);
    }

    private static Verb List(Terminal terminal)
    {
        var hub = HubOption.Create();
        var destination = new Option<string?>("--destination") { Description = "Only of this destination." };
        var run = new Option<Guid?>("--run") { Description = "Only of this run.", HelpName = "RUN" };
        var operation = new Option<string?>("--operation") { Description = "Only of this operation, such as upsert_profile." };
        var code = new Option<string?>("--code") { Description = "Only with this reason code." };
        var status = new Option<string?>("--status") { Description = "Only with this status, such as open or came_back." };
        return new Verb("list", "List dead letters, newest first.", "deadletters list", "deadletters list --destination marketo --limit 20", "deadletters list --after 4711 --json")
        { Options = { destination, operation, code, status, run, hub } }
        .Lists(
            hub, PageOptions.Create(), _ => "/v1/dead-letters",
            call => [("destination", call.Get(destination)), ("operation", call.Get(operation)), ("code", call.Get(code)), ("status", call.Get(status)), ("run_id", call.Get(run)?.ToString())],
            (call, list) => Write(call.Terminal.Screen(json: false), list.Of<DeadLetterJson>()), terminal);
    }

    private static Verb Show(Terminal terminal)
    {
        var hub = HubOption.Create();
        var id = new Argument<long>("ID") { Description = "Id of the dead letter." };
        return new Verb("show", "Show a dead letter.", "deadletters show 4711")
        { Arguments = { id }, Options = { hub } }
        .Does(
            async (call, cancellationToken) =>
            {
                using var client = hub.Connect(call);
                var letter = await client.GetAsync($"/v1/dead-letters/{call.Get(id)}", cancellationToken);
                Answer(call, letter, () =>
                {
                    Write(call.Terminal.Screen(json: false), [Letter(letter)]);
                    WriteContent(call.Terminal.Out, Letter(letter));
                });
                return ExitCode.Done;
            },
            terminal);
    }

    private static void Answer(VerbCall call, JsonElement answer, Action show)
    {
        if (call.Json)
        {
            call.Write(answer);
        }
        else
        {
            show();
        }
    }

    private static void Write(IAnsiConsole screen, List<DeadLetterJson> letters)
    {
        if (letters.Count == 0)
        {
            screen.WriteLine("There are no such dead letters.");
            return;
        }

        var table = new Table { Border = TableBorder.Rounded };
        foreach (var column in new[] { "Id", "At", "Destination", "Audience", "Profile", "Operation", "Outcome", "Code", "Attempts", "Status", "Event" })
        {
            table.AddColumn(new TableColumn(column) { NoWrap = true });
        }

        foreach (var letter in letters)
        {
            string[] cells =
            [
                $"{letter.DeadLetterId}", letter.At.ToString("u", CultureInfo.InvariantCulture), letter.Destination, letter.Audience, $"{letter.ProfileId}",
                letter.Operation, letter.Outcome, letter.Code, $"{letter.Attempts}", letter.Status ?? "", letter.EventId?.ToString() ?? "",
            ];
            table.AddRow([.. cells.Select(Markup.Escape)]);
        }

        screen.Write(table);
    }

    private static void Write(IAnsiConsole screen, List<LetterGroupJson> groups)
    {
        if (groups.Count == 0)
        {
            screen.WriteLine("There are no dead letters.");
            return;
        }

        foreach (var group in groups)
        {
            var counts = string.Join(", ", group.Counts.Where(count => count.Value > 0).Select(count => $"{count.Value:N0} {count.Key}"));
            screen.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{group.Destination}  {group.Operation}  {group.Code}: {counts}"));
            screen.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  first {group.FirstAt:u}, last {group.LastAt:u}; died per day, today last: {string.Join(' ', group.Days)}"));
            screen.WriteLine($"  Cause over: {(group.Cause.IsOver is { } over ? over ? "yes" : "no" : "not known")}. {group.Cause.Why}");
            if (group.LastAction is { } action)
            {
                screen.WriteLine($"  Last action: {LetterActionVerbs.Line(action)}");
            }
        }
    }

    private static void WriteContent(TextWriter output, DeadLetterJson letter)
    {
        if (letter.Content is { } content)
        {
            output.WriteLine("What it is made of, masked:");
            output.WriteLine(content.ToJsonString(Verb.Indented));
        }

        foreach (var version in letter.Versions ?? [])
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Version {version.Version} by {version.By}, {version.At:u}{(version.Reason is null ? "" : $": {version.Reason}")}, masked:"));
            output.WriteLine(version.Set.ToJsonString(Verb.Indented));
        }

        foreach (var entry in letter.History ?? [])
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{entry.At:u}  {entry.Status}{(entry.Code is null ? "" : $" ({entry.Code})")}{(entry.ActionId is null ? "" : $", action {entry.ActionId}")}"));
        }

        output.WriteLine(letter.NextStep ?? "");
    }

    private static DeadLetterJson Letter(JsonElement element) => element.Deserialize<DeadLetterJson>()!;
}
