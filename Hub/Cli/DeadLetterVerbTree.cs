using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using IntegrationHub.Hub.DeadLetters;
using IntegrationHub.Hub.Destinations;
using Spectre.Console;

namespace IntegrationHub.Hub.Cli;

/// <summary><c>deadletters …</c>: records that will not arrive, and why.</summary>
internal static class DeadLetterVerbTree
{
    public static Verb Build(Terminal terminal) => new("deadletters", "See records that will not arrive, and why.", "deadletters list --destination hubspot")
    {
        List(terminal),
        Show(terminal),
    };

    private static Verb List(Terminal terminal)
    {
        var hub = HubOption.Create();
        var destination = new Option<string?>("--destination") { Description = "Only of this destination." };
        var run = new Option<Guid?>("--run") { Description = "Only of this run.", HelpName = "RUN" };
        var limit = new Option<int>("--limit") { Description = "At most so many, newest first.", DefaultValueFactory = _ => 100 };
        var before = new Option<long?>("--before") { Description = "Only older ones than this id: the next page.", HelpName = "ID" };
        return new Verb("list", "List dead letters, newest first.", "deadletters list", "deadletters list --destination marketo --limit 20", "deadletters list --before 4711 --json")
        { Options = { destination, run, limit, before, hub } }
        .Does(
            async (call, cancellationToken) =>
            {
                using var client = hub.Connect(call);
                var query = Query.Of(("destination", call.Get(destination)), ("run_id", call.Get(run)?.ToString()), ("before", call.Get(before)?.ToString(CultureInfo.InvariantCulture)), ("limit", $"{call.Get(limit)}"));
                var letters = await client.GetAsync($"/v1/dead-letters{query}", cancellationToken);
                Answer(call, letters, () => Write(call.Terminal.Screen(json: false), [.. letters.EnumerateArray().Select(Letter)]));
                return ExitCode.Done;
            },
            terminal);
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
                    call.Terminal.Out.WriteLine(Letter(letter).NextStep ?? "");
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

    private static void Write(IAnsiConsole screen, IReadOnlyList<DeadLetterJson> letters)
    {
        if (letters.Count == 0)
        {
            screen.WriteLine("There are no such dead letters.");
            return;
        }

        var table = new Table { Border = TableBorder.Rounded };
        foreach (var column in new[] { "Id", "At", "Destination", "Audience", "Profile", "Operation", "Outcome", "Code", "Attempts", "Event" })
        {
            table.AddColumn(new TableColumn(column) { NoWrap = true });
        }

        foreach (var letter in letters)
        {
            string[] cells =
            [
                $"{letter.DeadLetterId}", letter.At.ToString("u", CultureInfo.InvariantCulture), letter.Destination, letter.Audience, $"{letter.ProfileId}",
                letter.Operation, letter.Outcome, letter.Code, $"{letter.Attempts}", letter.EventId?.ToString() ?? "",
            ];
            table.AddRow([.. cells.Select(Markup.Escape)]);
        }

        screen.Write(table);
    }

    private static DeadLetterJson Letter(JsonElement element) => element.Deserialize<DeadLetterJson>()!;
}
