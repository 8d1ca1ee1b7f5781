using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using IntegrationHub.Hub.Alerts;
using IntegrationHub.Hub.Delivery;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Fields;
using IntegrationHub.Hub.Notices;
using Spectre.Console;

namespace IntegrationHub.Hub.Cli;

/// <summary><c>destinations …</c>: how the vendors' accounts stand.</summary>
internal static class DestinationVerbTree
{
    public static Verb Build(Terminal terminal) => new("destinations", "See how destinations stand: condition, quota, backlog; check their set-up; end their waits.", "destinations list", "destinations check hubspot", "destinations resume hubspot")
    {
        List(terminal),
        Show(terminal),
        Goals(terminal),
        Live(terminal),
        Check(terminal),
        Fields(terminal),
        Resume(terminal),
        SettleFieldVerb.Build(terminal),
    };

    private static Verb List(Terminal terminal)
    {
        var hub = HubOption.Create();
        return new Verb("list", "List destinations with what waits for them and when it will be done.", "destinations list", "destinations list --json")
        { Options = { hub } }
        .Lists(hub, null, _ => "/v1/destinations", _ => [], (call, list) => Write(call.Terminal.Screen(json: false), list.Of<DestinationJson>()), terminal);
    }

    private static Verb Show(Terminal terminal)
    {
        var hub = HubOption.Create();
        var name = Name();
        return new Verb("show", "Show a destination with its limits, how far its opt-outs were read, and jobs that were given up.", "destinations show hubspot")
        { Arguments = { name }, Options = { hub } }
        .Does(
            async (call, cancellationToken) =>
            {
                using var client = hub.Connect(call);
                var answer = await client.GetAsync($"/v1/destinations/{Uri.EscapeDataString(call.Get(name))}", cancellationToken);
                Answer(call, answer, screen =>
                {
                    var destination = answer.Deserialize<DestinationJson>()!;
                    Write(screen, [destination]);
                    WriteLimits(screen, destination);
                });
                return ExitCode.Done;
            },
            terminal);
    }

    private static Verb Goals(Terminal terminal)
    {
        var hub = HubOption.Create();
        var name = Name();
        var minutes = new Option<int>("--minutes") { Description = "How many minutes to look back.", DefaultValueFactory = _ => 10 };
        return new Verb("goals", "Show how its lanes stand against what slo.yaml promises: freshness, delay, errors, backlog.", "destinations goals hubspot", "destinations goals braze --minutes 60 --json")
        { Arguments = { name }, Options = { minutes, hub } }
        .Lists(
            hub, null, call => $"/v1/destinations/{Uri.EscapeDataString(call.Get(name))}/goals", call => [("minutes", call.Get(minutes).ToString(CultureInfo.InvariantCulture))],
            (call, list) => Write(call.Terminal.Screen(json: false), list.Of<GoalJson>()), terminal);
    }

    private static Verb Live(Terminal terminal)
    {
        var hub = HubOption.Create();
        var name = Name();
        var minutes = new Option<int>("--minutes") { Description = "How many minutes to look back.", DefaultValueFactory = _ => 60 };
        return new Verb("live", "Show what became of changes of people and memberships that went there as they happened, minute by minute.", "destinations live braze", "destinations live braze --minutes 1440 --json")
        { Arguments = { name }, Options = { minutes, hub } }
        .Does(
            async (call, cancellationToken) =>
            {
                using var client = hub.Connect(call);
                var query = Query.Of(("minutes", call.Get(minutes).ToString(CultureInfo.InvariantCulture)));
                var answer = await client.GetAsync($"/v1/destinations/{Uri.EscapeDataString(call.Get(name))}/live{query}", cancellationToken);
                Answer(call, answer, screen => Write(screen, answer.Deserialize<LiveJson>()!));
                return ExitCode.Done;
            },
            terminal);
    }

    private static Verb Check(Terminal terminal)
    {
        var hub = HubOption.Create();
        var name = Name();
        return new Verb("check", "Ask the vendor now: check credentials, permissions, every mapped field, every kind of event and every audience, without changing anything there.", "destinations check hubspot", "destinations check marketo --json")
        { Arguments = { name }, Options = { hub } }
        .Does(
            async (call, cancellationToken) =>
            {
                using var client = hub.Connect(call);
                var answer = await client.PostAsync($"/v1/destinations/{Uri.EscapeDataString(call.Get(name))}/check", null, cancellationToken);
                var check = answer.Deserialize<CheckJson>()!;
                Answer(call, answer, screen => Write(screen, check));
                return check.Ok ? ExitCode.Done : ExitCode.Issues;
            },
            terminal);
    }

    private static Verb Fields(Terminal terminal)
    {
        var hub = HubOption.Create();
        var name = Name();
        var all = new Option<bool>("--all") { Description = "Also fields that the mapping does not write." };
        var history = new Option<bool>("--history") { Description = "Also how they were before." };
        return new Verb("fields", "Show the vendor's fields that the mapping writes, as they were seen last, and what changed.", "destinations fields hubspot", "destinations fields marketo --history", "destinations fields marketo --all --json")
        { Arguments = { name }, Options = { all, history, hub } }
        .Lists(
            hub, null, call => $"/v1/destinations/{Uri.EscapeDataString(call.Get(name))}/fields", call => [("all", call.Get(all) ? "true" : null), ("history", call.Get(history) ? "true" : null)],
            (call, list) => Write(call.Terminal.Screen(json: false), list.Of<FieldJson>()), terminal);
    }

    private static Verb Resume(Terminal terminal)
    {
        var hub = HubOption.Create();
        var name = Name();
        var reason = ReasonOption.Create();
        return new Verb("resume", "End every wait for a destination: what it was in trouble with is tried again now, and used-up calls count from zero.", "destinations resume hubspot")
        { Arguments = { name }, Options = { reason, hub } }
        .Does(
            async (call, cancellationToken) =>
            {
                using var client = hub.Connect(call);
                var answer = await client.PostAsync($"/v1/destinations/{Uri.EscapeDataString(call.Get(name))}/resume", new { reason = call.Get(reason) }, cancellationToken);
                Answer(call, answer, screen => Write(screen, answer.Deserialize<ResumedJson>()!));
                return ExitCode.Done;
            },
            terminal);
    }

    private static Argument<string> Name() => new("DESTINATION") { Description = "Name of the destination." };

    private static void Answer(VerbCall call, JsonElement answer, Action<IAnsiConsole> show)
    {
        if (call.Json)
        {
            call.Write(answer);
        }
        else
        {
            show(call.Terminal.Screen(json: false));
        }
    }

    private static void Write(IAnsiConsole screen, IReadOnlyList<DestinationJson> destinations)
    {
        var table = RunTables.Table("Destination", "Connector", "Condition", "Lane", "Pending", "Calls", "Done at", "Day's calls used then");
        foreach (var destination in destinations)
        {
            foreach (var lane in destination.Backlog.DefaultIfEmpty())
            {
                var trouble = destination.Condition ?? destination.Conditions?.FirstOrDefault(condition => condition.Concerns == lane?.Lane);
                var condition = trouble is null ? "ok" : $"{trouble.Trouble} ({trouble.Code}) until {Time(trouble.Until)}";
                var forecast = destination.Forecast.FirstOrDefault(forecast => forecast.Lane == lane?.Lane);
                RunTables.Row(
                    table, destination.Destination, destination.Connector, condition, lane?.Lane ?? "-", RunTables.Number(lane?.Pending), RunTables.Number(forecast?.Calls),
                    forecast is null ? "-" : forecast.DoneAt is { } at ? Time(at) : "when it answers", Share(forecast?.DailyUsedAtEnd));
            }
        }

        screen.Write(table);
        foreach (var diagnosis in destinations.SelectMany(destination => destination.Diagnoses))
        {
            screen.WriteLine($"{diagnosis.Destination}, {diagnosis.Lane}: {diagnosis.Sentence}");
        }

        foreach (var (destination, condition) in destinations.SelectMany(destination => (destination.Conditions ?? []).Where(condition => condition.Concerns.StartsWith("audience:", StringComparison.Ordinal)).Select(condition => (destination.Destination, condition))))
        {
            screen.WriteLine($"{destination}, {condition.Concerns.Replace(':', ' ')}: {condition.Trouble} ({condition.Code}) until {Time(condition.Until)}. destinations check {destination} says what to do.");
        }
    }

    private static void Write(IAnsiConsole screen, IReadOnlyList<GoalJson> goals)
    {
        var table = RunTables.Table("Lane", "Oldest waits", "Goal", "p50", "p95", "p99", "Goal", "Tried", "Errors", "Goal", "Waiting", "Goal");
        foreach (var goal in goals)
        {
            RunTables.Row(
                table, goal.Lane, Seconds(goal.Freshness), Seconds(goal.FreshnessGoal), Seconds(goal.LagP50), Seconds(goal.LagP95), Seconds(goal.LagP99), Seconds(goal.LagP95Goal),
                RunTables.Number(goal.Attempted), Share(goal.ErrorShare), Share(goal.ErrorShareGoal), RunTables.Number(goal.Backlog), RunTables.Number(goal.BacklogGoal));
        }

        screen.Write(table);
    }

    private static void Write(IAnsiConsole screen, IReadOnlyList<FieldJson> fields)
    {
        var table = RunTables.Table("Field", "State", "Type", "Length", "Written by the mapping", "Since", "What changed");
        foreach (var field in fields)
        {
            RunTables.Row(
                table, field.Name, field.Current ? field.State : $"was {field.State}", $"{field.Type}{(field.ReadOnly ? ", read-only" : "")}", field.Length is { } length ? RunTables.Number(length) : "-", field.Mapped ? "yes" : "no",
                Time(field.SeenAt), field.Change ?? "-");
        }

        screen.Write(table);
    }

    private static string Seconds(double? seconds) => seconds is null ? "-" : string.Create(CultureInfo.InvariantCulture, $"{seconds:0.#} s");

    private static void Write(IAnsiConsole screen, LiveJson live)
    {
        var table = RunTables.Table("Minute", "Delivered", "Unchanged", "Suppressed", "Rejected", "Dead-lettered");
        foreach (var minute in live.Minutes)
        {
            RunTables.Row(
                table, Time(minute.Minute), RunTables.Number(minute.Delivered), RunTables.Number(minute.Unchanged), RunTables.Number(minute.Suppressed), RunTables.Number(minute.Rejected),
                RunTables.Number(minute.DeadLettered));
        }

        screen.Write(table);
        if (live.Live == "off")
        {
            screen.WriteLine($"{live.Destination} is told by runs alone: live: on in its file sends changes as they happen.");
        }
    }

    private static void WriteLimits(IAnsiConsole screen, DestinationJson destination)
    {
        var table = RunTables.Table("Limit", "Calls", "Per", "Used", "Resets at");
        foreach (var limit in destination.Limits)
        {
            RunTables.Row(
                table, limit.Limit, RunTables.Number(limit.Calls), $"{limit.WindowSeconds} s", RunTables.Number(limit.Used), limit.ResetsAt is { } at ? Time(at) : "-");
        }

        screen.Write(table);
        if (destination.LastCheck is { } check)
        {
            screen.WriteLine($"Last checked at {Time(check.At)}: {(check.Ok ? "all as it should be" : string.Join(", ", check.Findings))}.");
        }

        if (destination.OptOutFeeds is { Count: > 0 } feeds)
        {
            var read = RunTables.Table("Opt-outs", "Last asked", "Read to the end", "Lag", "Read", "Trouble");
            foreach (var feed in feeds)
            {
                RunTables.Row(
                    read, feed.Feed, Time(feed.AskedAt), feed.CaughtUpAt is { } at ? Time(at) : "not yet", feed.LagSeconds is { } lag ? $"{lag} s" : "-", RunTables.Number(feed.OptOuts),
                    feed.Error is null ? "-" : $"{feed.Error} since {(feed.FailingSince is { } since ? Time(since) : "-")}");
            }

            screen.Write(read);
        }

        WriteEndings(screen, destination.Destination, destination.Endings);
        foreach (var job in destination.GivenUpJobs ?? [])
        {
            screen.WriteLine($"Job {job.RemoteJob} of audience {job.Audience}, {RunTables.Number(job.Records)} people, was given up at {Time(job.GivenUpAt)} and is looked at again at {Time(job.NextLookAt)}. {job.ToDo}");
        }
    }

    private static void Write(IAnsiConsole screen, CheckJson check)
    {
        WriteFindings(screen, check);
        foreach (var unknown in check.NotChecked)
        {
            screen.WriteLine($"{check.Destination}: {unknown}");
        }

        foreach (var move in (check.Moves ?? []).Concat(check.Irreversible ?? []).Concat(check.OptOutsNotTold is { } notTold ? [notTold] : []))
        {
            screen.WriteLine($"{check.Destination}: {move}");
        }

        WriteEndings(screen, check.Destination, check.Endings);
        if (check.PermissionsNotProven is { Count: > 0 } permissions)
        {
            screen.WriteLine($"{check.Destination}: not proven, because no call does so without a change at the vendor: {string.Join(", ", permissions)}. Look at the credentials' permissions in the vendor's own console.");
        }
    }

    private static void Write(IAnsiConsole screen, ResumedJson resumed) => screen.WriteLine(
        resumed is { Conditions: 0, Limits.Count: 0, Deliveries: 0 }
            ? $"{resumed.Destination}: nothing waits."
            : $"{resumed.Destination}: {resumed.Conditions} waits ended, {resumed.Deliveries} deliveries are due now{(resumed.Limits.Count == 0 ? "" : $", calls of {string.Join(", ", resumed.Limits)} count from zero")}. What the vendor still refuses, destinations show {resumed.Destination} shows again in a moment.");

    private static void WriteFindings(IAnsiConsole screen, CheckJson check)
    {
        if (check.Ok)
        {
            screen.WriteLine(check.FieldsInspected > 0
                ? $"{check.Destination}: credentials, permissions and {check.FieldsInspected} mapped fields{(check.EventsInspected > 0 ? $" and {check.EventsInspected} kinds of event" : "")} are as they should be."
                : $"{check.Destination}: credentials and permissions are as they should be. The vendor does not tell which fields it has.");
            return;
        }

        foreach (var finding in check.Findings)
        {
            screen.WriteLine($"{check.Destination}: {finding.Check}{(finding.Field is null ? "" : $" {finding.Field}")}: {finding.Problem} ({finding.Code}) {finding.Fix}");
        }

        if (check.FieldsInspected > 0)
        {
            screen.WriteLine($"{check.Destination}: {check.FieldsInspected} mapped fields were compared with the vendor's.");
        }
    }

    /// <summary>What ends at the vendor, each in a line: it is not wrong yet.</summary>
    private static void WriteEndings(IAnsiConsole screen, string destination, IReadOnlyList<EndingJson>? endings)
    {
        foreach (var ending in endings ?? [])
        {
            var day = ending.At is { } at ? at.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) : "no day is named";
            var said = ending.What ?? $"{ending.Kind}{(ending.Code is null ? "" : $" {ending.Code}")} of {string.Join(", ", ending.Operations)}, said with {RunTables.Number(ending.Count)} answers.";
            screen.WriteLine($"{destination}: {day}: {said}{(ending.Successor is null ? "" : $" What takes its place: {ending.Successor}")}{(ending.Page is null ? "" : $" {ending.Page}")}");
        }
    }

    private static string Share(double? share) => share is { } known ? string.Create(CultureInfo.InvariantCulture, $"{known * 100:0} %") : "-";

    private static string Time(DateTimeOffset at) => at.ToString("u", CultureInfo.InvariantCulture);
}
