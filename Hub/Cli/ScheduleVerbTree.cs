using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using IntegrationHub.Hub.Schedules;
using IntegrationHub.Storage.Schedules;
using Spectre.Console;

namespace IntegrationHub.Hub.Cli;

/// <summary><c>schedules …</c>: what runs by the clock, and what became of it.</summary>
internal static class ScheduleVerbTree
{
    private static readonly string[] _columns = ["Name", "Audience", "Destinations", "Mode", "When", "Next", "Last"];

    public static Verb Build(Terminal terminal) => new("schedules", "See what runs by the clock, and what became of it.", "schedules list")
    {
        List(terminal),
        Show(terminal),
        Ring(terminal),
    };

    private static Verb List(Terminal terminal)
    {
        var hub = HubOption.Create();
        return new Verb("list", "List the schedules with their last bell and the next one.", "schedules list", "schedules list --json")
        { Options = { hub } }
        .Does(
            async (call, cancellationToken) =>
            {
                using var client = hub.Connect(call);
                var answer = await client.GetAsync("/v1/schedules", cancellationToken);
                if (call.Json)
                {
                    call.Write(answer);
                    return ExitCode.Done;
                }

                List<ScheduleJson> schedules = [.. answer.EnumerateArray().Select(schedule => schedule.Deserialize<ScheduleJson>()!)];
                if (schedules.Count == 0)
                {
                    call.Terminal.Out.WriteLine("There are no schedules. Write them into schedules.yaml of the configuration folder.");
                    return ExitCode.Done;
                }

                var table = new Table { Border = TableBorder.Rounded };
                foreach (var column in _columns)
                {
                    table.AddColumn(new TableColumn(column) { NoWrap = true });
                }

                foreach (var schedule in schedules)
                {
                    string[] cells =
                    [
                        schedule.Name, schedule.Audience, string.Join(", ", schedule.Destinations), schedule.Mode, $"{schedule.Cron} ({schedule.TimeZone})",
                        schedule.OverdueSince is { } since ? $"overdue since {Time(since)}" : schedule.NextAt is { } next ? Time(next) : "never",
                        schedule.Bells is [{ } last, ..] ? $"{last.Outcome} {Time(last.DueAt)}" : "not yet",
                    ];
                    table.AddRow([.. cells.Select(Markup.Escape)]);
                }

                call.Terminal.Screen(json: false).Write(table);
                return ExitCode.Done;
            },
            terminal);
    }

    private static Verb Show(Terminal terminal)
    {
        var hub = HubOption.Create();
        var name = Name();
        return new Verb("show", "Show a schedule and what became of its last bells.", "schedules show customers_nightly")
        { Arguments = { name }, Options = { hub } }
        .Does(
            async (call, cancellationToken) =>
            {
                using var client = hub.Connect(call);
                var answer = await client.GetAsync($"/v1/schedules/{Uri.EscapeDataString(call.Get(name)!)}", cancellationToken);
                if (call.Json)
                {
                    call.Write(answer);
                    return ExitCode.Done;
                }

                var schedule = answer.Deserialize<ScheduleJson>()!;
                call.Terminal.Out.WriteLine($"{schedule.Name}: {schedule.Audience} to {string.Join(", ", schedule.Destinations)}, mode {schedule.Mode}");
                call.Terminal.Out.WriteLine($"  {schedule.Cron} ({schedule.TimeZone}), next {(schedule.NextAt is { } next ? Time(next) : "never")}; a missed bell: {schedule.Missed}");
                if (schedule.OverdueSince is { } since)
                {
                    call.Terminal.Out.WriteLine($"  Overdue since {Time(since)}: no hub with this schedule runs, or none reaches its database.");
                }

                foreach (var bell in schedule.Bells)
                {
                    Write(call, bell);
                }

                return ExitCode.Done;
            },
            terminal);
    }

    private static Verb Ring(Terminal terminal)
    {
        var hub = HubOption.Create();
        var name = Name();
        var reason = ReasonOption.Create();
        return new Verb("ring", "Start the runs of a schedule now, whatever its time is.", "schedules ring customers_nightly")
        { Arguments = { name }, Options = { reason, hub } }
        .Does(
            async (call, cancellationToken) =>
            {
                using var client = hub.Connect(call);
                var answer = await client.PostAsync($"/v1/schedules/{Uri.EscapeDataString(call.Get(name)!)}/ring", new { reason = call.Get(reason) }, cancellationToken);
                if (call.Json)
                {
                    call.Write(answer);
                    return ExitCode.Done;
                }

                Write(call, answer.Deserialize<BellJson>()!);
                return ExitCode.Done;
            },
            terminal);
    }

    private static Argument<string> Name() => new("NAME") { Description = "Name of the schedule, as 'schedules list' shows it." };

    private static void Write(VerbCall call, BellJson bell)
    {
        call.Terminal.Out.WriteLine($"  {Time(bell.DueAt)} {bell.Outcome}{(bell.Code is { } code ? $" ({code})" : "")}: {(bell.Outcome == JobOutcome.Started ? $"runs {string.Join(", ", bell.RunIds)}" : bell.Detail)}");
    }

    private static string Time(DateTimeOffset at) => at.ToUniversalTime().ToString("u", CultureInfo.InvariantCulture);
}
