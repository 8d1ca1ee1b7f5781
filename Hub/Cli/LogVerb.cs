using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using IntegrationHub.Hub.Intake.Log;
using Spectre.Console;

namespace IntegrationHub.Hub.Cli;

/// <summary><c>events list</c>: what the log holds, in its order.</summary>
internal static class LogVerb
{
    private static readonly TimeSpan _look = TimeSpan.FromMilliseconds(500);

    public static Verb Build(Terminal terminal)
    {
        var hub = HubOption.Create();
        var after = new Option<long>("--after") { Description = "Only facts after this position.", HelpName = "POSITION" };
        var follow = new Option<bool>("--follow") { Description = "Go on with what comes in, until it is stopped." };
        var type = new Option<string?>("--type") { Description = "Only facts of this event type." };
        var limit = new Option<int>("--limit") { Description = "At most so many; with --follow so many at a time.", DefaultValueFactory = _ => 100 };
        var reveal = new Option<bool>("--reveal") { Description = "With --json: facts in full instead of masked. Needs --reason, and stays in the audit log. Personal data." };
        var reason = ReasonOption.Create();
        return new Verb(
            "list", "List the facts that were taken in, in the order of their positions; without what tells of a person.", "events list --after 0", "events list --after 4711 --follow --type consent_updated", "events list --json --reveal --reason \"ticket 4\" --limit 10")
        { Options = { after, follow, type, limit, reveal, reason, hub } }
        .Does(
            async (call, cancellationToken) =>
            {
                if (call.Json && call.Get(follow))
                {
                    throw new CommandLineException(ExitCode.Usage, "--follow never ends, and --json is one value. Leave one of them out; a program goes on from 'next' itself.");
                }

                using var client = hub.Connect(call);
                var position = call.Get(after);
                while (true)
                {
                    var query = Query.Of(
                        ("after", position.ToString(CultureInfo.InvariantCulture)), ("event_type", call.Get(type)), ("limit", call.Get(limit).ToString(CultureInfo.InvariantCulture)), ("reveal", call.Get(reveal) ? "true" : null), ("reason", call.Get(reveal) ? call.Get(reason) : null));
                    var answer = await client.GetAsync($"/v1/events{query}", cancellationToken);
                    if (call.Json)
                    {
                        call.Write(answer);
                        return ExitCode.Done;
                    }

                    var page = answer.Deserialize<LogJson>()!;
                    Write(call.Terminal.Screen(json: false), page, call.Get(follow));
                    if (!call.Get(follow))
                    {
                        return ExitCode.Done;
                    }

                    position = page.Next;
                    if (page.AtEnd)
                    {
                        await Task.Delay(_look, call.Terminal.Time, cancellationToken);
                    }
                }
            },
            terminal);
    }

    private static void Write(IAnsiConsole screen, LogJson page, bool goesOn)
    {
        foreach (var fact in page.Items)
        {
            screen.WriteLine(FormattableString.Invariant(
                $"{fact.Position}  {fact.OccurredAt:u}  {fact.EventType} of {fact.Producer}  {fact.EventId}{(fact.ProfileId is { } person ? $"  person {person}" : "")}"));
        }

        if (!goesOn)
        {
            screen.WriteLine(page.AtEnd ? $"Nothing more after {page.Next}." : $"Go on with --after {page.Next}.");
        }
    }
}
