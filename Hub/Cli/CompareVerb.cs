using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using IntegrationHub.Hub.Shadows;
using IntegrationHub.Storage.Shadows;
using Spectre.Console;

namespace IntegrationHub.Hub.Cli;

/// <summary><c>compare</c>: how what a shadow states differs from what counts.</summary>
internal static class CompareVerb
{
    private const int MostAtOnce = 1_000;

    public static Verb Build(Terminal terminal)
    {
        var hub = HubOption.Create();
        var page = PageOptions.Create();
        var source = new Argument<string>("SOURCE") { Description = "The shadow: a name under shadows in ownership.yaml." };
        var attribute = new Option<string?>("--attribute") { Description = "List people by this attribute, email or phone.", HelpName = "NAME" };
        var audience = new Option<string?>("--audience") { Description = "List people by their membership of this audience.", HelpName = "AUDIENCE" };
        var state = new Option<string?>("--state") { Description = $"Which people: {string.Join(", ", ShadowState.All)}.", HelpName = "STATE" };
        var reveal = new Option<bool>("--reveal") { Description = "Print keys and values in full. Needs --reason, and stays in the audit log. Personal data." };
        var reason = ReasonOption.Create();
        return new Verb(
            "compare", "Tell how what a source states as a shadow of another one differs from what counts: numbers by attribute and audience, or people. Exit code 1 when something differs.",
            "compare cdp-b", "compare cdp-b --attribute tier --state different", "compare cdp-b --audience customers --json")
        { Arguments = { source }, Options = { attribute, audience, state, reveal, reason, page.Limit, page.After, hub } }
        .Does(
            async (call, cancellationToken) =>
            {
                using var client = hub.Connect(call);
                var path = $"/v1/shadows/{Uri.EscapeDataString(call.Get(source)!)}";
                if (call.Get(attribute) is null && call.Get(audience) is null)
                {
                    return TellNumbers(call, await client.GetAsync(path, cancellationToken));
                }

                (string, string?)[] which = [("attribute", call.Get(attribute)), ("audience", call.Get(audience)), ("state", call.Get(state))];
                var list = call.Get(reveal)
                    ? await RevealAsync(client, $"{path}/people", new ShadowQuestionJson(call.Get(attribute), call.Get(audience), call.Get(state), call.Get(reason), call.Get(page.After)), call.Get(page.Limit), cancellationToken)
                    : await client.ListAsync($"{path}/people", which, (call.Get(page.After), call.Get(page.Limit)), cancellationToken);
                return TellPeople(call, list);
            },
            terminal);
    }

    /// <summary>Page by page, as a list is read that is asked for without a body.</summary>
    private static async Task<HubList> RevealAsync(HubClient client, string path, ShadowQuestionJson question, int limit, CancellationToken cancellationToken)
    {
        var (first, items) = ((JsonElement?)null, new List<JsonElement>());
        do
        {
            var page = await client.PostAsync(path, question with { Limit = limit == 0 ? MostAtOnce : Math.Min(MostAtOnce, limit - items.Count) }, cancellationToken);
            first ??= page;
            items.AddRange(page.GetProperty("items").EnumerateArray());
            question = question with { After = page.GetProperty("next").GetString() };
        }
        while (question.After is not null && (limit == 0 || items.Count < limit));
        return new HubList(first.Value, items, question.After);
    }

    private static int TellNumbers(VerbCall call, JsonElement answer)
    {
        var told = answer.Deserialize<ShadowComparisonJson>()!;
        var counts = told.Attributes.Concat(told.Audiences).ToList();
        if (call.Json)
        {
            call.Write(answer);
        }
        else
        {
            var screen = call.Terminal.Screen(json: false);
            screen.WriteLine($"{told.Source} is compared with {told.Of}, which counts: it states something of {RunTables.Number(told.People)} people, {RunTables.Number(told.Unknown)} of them unknown here.");
            Write(screen, "Attribute", told.Attributes);
            Write(screen, "Audience", told.Audiences);
        }

        return counts.Exists(count => count.OnlyCounting + count.OnlyShadow + count.Different > 0) ? ExitCode.Issues : ExitCode.Done;
    }

    private static void Write(IAnsiConsole screen, string what, IReadOnlyList<ShadowCountJson> counts)
    {
        if (counts.Count == 0)
        {
            return;
        }

        var table = RunTables.Table(what, "Only what counts", "Only the shadow", "Different", "Equal");
        foreach (var count in counts)
        {
            RunTables.Row(table, count.Name, RunTables.Number(count.OnlyCounting), RunTables.Number(count.OnlyShadow), RunTables.Number(count.Different), RunTables.Number(count.Equal));
        }

        screen.Write(table);
    }

    private static int TellPeople(VerbCall call, HubList list)
    {
        var people = list.Of<ShadowDifferenceJson>();
        if (call.Json)
        {
            call.Write(list.Answer());
        }
        else
        {
            var table = RunTables.Table("Person", "Key", "Counts", "Shadow", "How");
            foreach (var person in people)
            {
                RunTables.Row(table, person.ProfileId?.ToString(CultureInfo.InvariantCulture) ?? "-", person.Key ?? "-", person.Counting ?? "-", person.Shadow ?? "-", person.Difference ?? "-");
            }

            call.Terminal.Screen(json: false).Write(table);
            if (list.Next is { } next)
            {
                call.Terminal.Out.WriteLine($"Go on with --after {next}, or see all with --limit 0.");
            }
        }

        return people.Count > 0 ? ExitCode.Issues : ExitCode.Done;
    }
}
