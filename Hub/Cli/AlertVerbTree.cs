using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using IntegrationHub.Hub.Alerts;

namespace IntegrationHub.Hub.Cli;

/// <summary><c>alerts …</c>: what somebody has to know.</summary>
internal static class AlertVerbTree
{
    private const int UsualMinutes = 60;

    public static Verb Build(Terminal terminal) => new("alerts", "See what somebody has to know, have nobody told of it for a while, try the routes.", "alerts list", "alerts silence 41 --minutes 120 --reason 'the vendor works on it'")
    {
        List(terminal),
        Show(terminal),
        Silence(terminal),
        Unsilence(terminal),
        Test(terminal),
    };

    private static Verb List(Terminal terminal)
    {
        var hub = HubOption.Create();
        var all = new Option<bool>("--all") { Description = "Those that are over, too." };
        return new Verb("list", "List the open alerts, the most urgent first.", "alerts list", "alerts list --all --json")
        { Options = { all, hub } }
        .Lists(
            hub, PageOptions.Create(), _ => "/v1/alerts", call => [("all", call.Get(all) ? "true" : null)],
            (call, list) =>
            {
                var alerts = list.Of<AlertJson>();
                if (alerts.Count == 0)
                {
                    call.Terminal.Out.WriteLine("No alert is open.");
                }

                foreach (var alert in alerts)
                {
                    Write(call.Terminal.Out, alert);
                }
            },
            terminal);
    }

    private static Verb Show(Terminal terminal)
    {
        var hub = HubOption.Create();
        var id = Id();
        return new Verb("show", "Show an alert, and who was told of it.", "alerts show 41")
        { Arguments = { id }, Options = { hub } }
        .Does((call, cancellationToken) => AnswerAsync(call, hub, client => client.GetAsync($"/v1/alerts/{Number(call.Get(id))}", cancellationToken)), terminal);
    }

    private static Verb Silence(Terminal terminal)
    {
        var hub = HubOption.Create();
        var id = Id();
        var minutes = new Option<int>("--minutes") { Description = "For how long; at most a week.", DefaultValueFactory = _ => UsualMinutes };
        var reason = new Option<string>("--reason") { Description = "Why nobody has to know.", Required = true };
        return new Verb("silence", "Have nobody told of an alert for a while. If it still holds then, it is told again.", "alerts silence 41 --minutes 120 --reason 'the vendor works on it'")
        { Arguments = { id }, Options = { minutes, reason, hub } }
        .Does(
            (call, cancellationToken) => AnswerAsync(call, hub, client => client.PostAsync($"/v1/alerts/{Number(call.Get(id))}/silence", new { minutes = call.Get(minutes), reason = call.Get(reason) }, cancellationToken)),
            terminal);
    }

    private static Verb Unsilence(Terminal terminal)
    {
        var hub = HubOption.Create();
        var id = Id();
        return new Verb("unsilence", "End a silence: the alert is told again at the next look.", "alerts unsilence 41")
        { Arguments = { id }, Options = { hub } }
        .Does((call, cancellationToken) => AnswerAsync(call, hub, client => client.PostAsync($"/v1/alerts/{Number(call.Get(id))}/unsilence", null, cancellationToken)), terminal);
    }

    private static Verb Test(Terminal terminal)
    {
        var hub = HubOption.Create();
        var route = new Option<string?>("--route") { Description = "Name of a route of alerts.yaml; all of them when absent." };
        return new Verb("test", "Tell routes that they are tested.", "alerts test", "alerts test --route on_call")
        { Options = { route, hub } }
        .Asks(
            hub, (call, client, stop) => client.PostAsync($"/v1/alerts/test{Query.Of(("route", call.Get(route)))}", null, stop),
            (call, answer) =>
            {
                call.Terminal.Out.WriteLine($"A test is on its way along: {string.Join(", ", answer.Deserialize<TestedRoutesJson>()!.Routes)}. What does not arrive, the hub's log tells of.");
            },
            terminal);
    }

    private static Argument<long> Id() => new("ID") { Description = "Id of the alert, as 'alerts list' shows it." };

    private static async Task<int> AnswerAsync(VerbCall call, HubOption hub, Func<HubClient, Task<JsonElement>> ask)
    {
        using var client = hub.Connect(call);
        var answer = await ask(client);
        if (call.Json)
        {
            call.Write(answer);
        }
        else
        {
            Write(call.Terminal.Out, answer.Deserialize<AlertJson>()!);
        }

        return ExitCode.Done;
    }

    private static void Write(TextWriter output, AlertJson alert)
    {
        output.WriteLine($"{Number(alert.AlertId)} [{alert.Severity}] {alert.Code}{(alert.Destination is null ? "" : $" at {alert.Destination}")} since {Time(alert.Since)}{(alert.ResolvedAt is { } over ? $", over since {Time(over)}" : "")}{(alert.Records > 0 ? $", {RunTables.Number(alert.Records)} records" : "")}");
        output.WriteLine($"  {alert.Sentence}");
        output.WriteLine($"  {(alert.Action is null ? "" : $"first: {alert.Action} · ")}runbook {alert.Runbook}");
        if (alert.Silence is { } silence)
        {
            output.WriteLine($"  silenced until {Time(silence.Until)} by {silence.By}: {silence.Reason}");
        }

        foreach (var told in alert.Told)
        {
            output.WriteLine($"  {told.Event} along {told.Route}: {(told.SentAt is { } sent ? $"told at {Time(sent)}" : told.GivenUpAt is not null ? $"given up ({told.Error})" : $"waits ({told.Error ?? "due"})")}, attempts {told.Attempts}");
        }
    }

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Time(DateTimeOffset at) => at.ToUniversalTime().ToString("u", CultureInfo.InvariantCulture);
}
