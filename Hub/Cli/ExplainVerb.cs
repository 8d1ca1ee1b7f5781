using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Text.Json;
using IntegrationHub.Hub.Explain;
using Spectre.Console;

namespace IntegrationHub.Hub.Cli;

/// <summary><c>explain</c>: why somebody is at a destination, or is not.</summary>
internal static class ExplainVerb
{
    public static Verb Build(Terminal terminal)
    {
        var hub = HubOption.Create();
        var key = new Argument<string>("KEY") { Description = "Your id of the person, or the address; any key with its kind, such as phone:+4930123456; or profile:NUMBER." };
        var destination = new Option<string?>("--destination") { Description = "Only there, with all details; all destinations when absent.", HelpName = "NAME" };
        var at = new Option<DateTimeOffset?>("--at") { Description = "As it was at a time, such as 2026-11-20T13:00Z: facts and consents of then, and what cannot be told.", HelpName = "TIME", CustomParser = Time };
        var live = new Option<bool>("--live") { Description = "Ask the vendors what they have. Costs a call each." };
        var reveal = new Option<bool>("--reveal") { Description = "Print values and keys in full. Needs --reason, and stays in the audit log. Personal data." };
        var reason = ReasonOption.Create();
        return new Verb(
            "explain", "Tell why a person is at a destination or is not, step by step, by the same code that decides it. The first step that says no comes first. Exit code 1 when there is one.",
            "explain kim@example.org", "explain c-17 --destination braze --live", "explain c-17 --at 2026-11-20T13:00Z", "explain phone:+4930123456 --json")
        { Arguments = { key }, Options = { destination, at, live, reveal, reason, hub } }
        .Does(
            async (call, cancellationToken) =>
            {
                using var client = hub.Connect(call);
                var question = new ExplainQuestionJson(call.Get(key), call.Get(destination), call.Get(at), call.Get(live), call.Get(reveal), call.Get(reason));
                var answer = await client.PostAsync("/v1/profiles/explain", question, cancellationToken);
                var told = answer.Deserialize<ExplanationJson>()!;
                if (call.Json)
                {
                    call.Write(answer);
                }
                else
                {
                    Show(call.Terminal.Screen(json: false), told, question.Destination is not null || told.Destinations.Count == 1);
                    if (told.ProfileId is { } id)
                    {
                        call.Terminal.Out.WriteLine($"In the console: {client.Page(string.Create(CultureInfo.InvariantCulture, $"/people/{id}"))}");
                    }
                }

                return told.Headline.Result == ExplainWord.Yes ? ExitCode.Done : ExitCode.Issues;
            },
            terminal);
    }

    private static void Show(IAnsiConsole screen, ExplanationJson told, bool inDetail)
    {
        Tell(screen, told.Headline);
        screen.WriteLine(told.ProfileId is { } id
            ? string.Create(CultureInfo.InvariantCulture, $"Person {id}{(told.Key is null ? "" : $"   {told.Key}")}{(told.IsPast ? $"   as of {told.At:u}" : "")}   {string.Join("   ", told.Destinations.Select(one => $"{one.Destination} {Glyph(one.Headline.Result)}"))}")
            : $"Looked for: {(told.Tried.Count == 0 ? "nothing" : string.Join(", ", told.Tried.Select(tried => $"{tried.Kind} '{tried.Key}'")))}");
        foreach (var one in told.Destinations)
        {
            if (!ReferenceEquals(one, told.Destinations[0]) || told.Headline.Destination != one.Destination)
            {
                screen.WriteLine("");
                Tell(screen, one.Headline);
            }

            screen.WriteLine($" {string.Join(" ─ ", told.Steps.Concat(one.Steps).Select(step => $"{Glyph(step)} {(step.Step == one.Headline.Step && step.Result != ExplainWord.Yes ? step.Step.ToUpperInvariant() : step.Step)}"))}");
            if (inDetail)
            {
                Detail(screen, told, one);
            }
        }

        foreach (var line in told.NotKnown)
        {
            screen.WriteLine($" ? {line}");
        }

        if (!inDetail && told.Destinations.Count > 1)
        {
            screen.WriteLine($"Each step with what it rests on: add --destination {told.Headline.Destination ?? told.Destinations[0].Destination}.");
        }
    }

    private static void Tell(IAnsiConsole screen, HeadlineJson headline)
    {
        screen.WriteLine($"{headline.Sentence}{(headline.Code is null ? "" : $" ({headline.Code})")}");
        if (headline.Fix is { } fix)
        {
            screen.WriteLine($"  {fix}");
        }
    }

    private static void Detail(IAnsiConsole screen, ExplanationJson told, DestinationExplanationJson one)
    {
        foreach (var step in told.Steps.Concat(one.Steps))
        {
            screen.WriteLine($"   {step.Step}{(step.IsReached ? "" : ", not reached, it would say")}: {step.Reason}{(step.Version is null ? "" : $" Version {step.Version}.")}");
            foreach (var input in step.Inputs)
            {
                screen.WriteLine($"     {input.Name}: {input.Value}");
            }
        }

        foreach (var field in one.Fields)
        {
            var vendor = field.IsSame is not { } same ? "" : $"; at the vendor {(same ? "the same" : field.AtVendor ?? "nothing")}";
            screen.WriteLine($"   field {field.Source} -> {field.Field}: {field.Result}{(field.Value is null ? "" : $" {field.Value}")}{(field.Code is null ? "" : $" ({field.Code})")}{(field.Until is { } last ? string.Create(CultureInfo.InvariantCulture, $", until {last:yyyy-MM-dd}") : "")}{vendor}");
        }

        foreach (var pending in one.Pending)
        {
            screen.WriteLine(string.Create(CultureInfo.InvariantCulture, $"   pending {pending.Operation}{(pending.Audience is null ? "" : $" {pending.Audience}")} in {pending.Lane} since {pending.OwedSince:u}, due {pending.DueAt:u}, {pending.Attempts} attempts{(pending.LastCode is null ? "" : $" ({pending.LastCode})")}"));
        }

        foreach (var outcome in one.Outcomes)
        {
            screen.WriteLine(string.Create(CultureInfo.InvariantCulture, $"   {outcome.At:u} {outcome.Outcome}{(outcome.Code is null ? "" : $" ({outcome.Code})")}{(outcome.Audience is null ? "" : $" {outcome.Audience}")}"));
        }

        foreach (var audience in one.Audiences)
        {
            screen.WriteLine($"   audience {audience.Audience}: {(audience.IsMember switch { true => "member", false => "left", null => "never named" })} here, {(audience.InDoubt ? "nobody knows" : audience.IsRemoteMember ? "member" : "no member")} there{(audience.RunState is null ? "" : $"; last run {audience.RunState}")}");
        }
    }

    private static string Glyph(StepJson step) => step.IsReached ? Glyph(step.Result) : "·";

    private static string Glyph(string result) => result switch
    {
        ExplainWord.Yes => "✓",
        ExplainWord.No => "✕",
        ExplainWord.Waits => "◔",
        _ => "?",
    };

    private static DateTimeOffset? Time(ArgumentResult result)
    {
        if (DateTimeOffset.TryParse(result.Tokens[0].Value, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time))
        {
            return time;
        }

        result.AddError($"'{result.Tokens[0].Value}' is no time. Write it as 2026-11-20T13:00Z.");
        return null;
    }
}
