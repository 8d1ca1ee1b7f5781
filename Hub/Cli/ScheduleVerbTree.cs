using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using IntegrationHub.Hub.Schedules;
using IntegrationHub.Storage.Schedules;

namespace IntegrationHub.Hub.Cli;

/// <summary><c>schedules …</c>: what runs by the clock, and what became of it.</summary>
internal static class ScheduleVerbTree
{
    private static readonly string[] _columns = ["Name", "What", "When", "Next", "Last"];

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
        .Lists(
            hub, null, _ => "/v1/schedules", _ => [],
            (call, list) =>
            {
                var schedules = list.Of<ScheduleJson>();
                if (schedules.Count == 0)
                {
                    call.Terminal.Out.WriteLine("There are no schedules. Write them into schedules.yaml of the configuration folder.");
                    return;
                }

                call.WriteTable(
                    _columns,
                    schedules.Select(schedule => (string[])
                    [
                        schedule.Name, What(schedule), $"{schedule.Cron} ({schedule.TimeZone})",
                        schedule.OverdueSince is { } since ? $"overdue since {Time(since)}" : schedule.NextAt is { } next ? Time(next) : "never",
                        Last(schedule),
                    ]),
                    wraps: false);
            },
            terminal);
    }

    private static Verb Show(Terminal terminal)
    {
        var hub = HubOption.Create();
        var name = Name();
        return new Verb("show", "Show a schedule and what became of its last bells.", "schedules show customers_nightly")
        { Arguments = { name }, Options = { hub } }
        .Asks(
            hub, (call, client, stop) => client.GetAsync($"/v1/schedules/{Uri.EscapeDataString(call.Get(name)!)}", stop),
            (call, answer) =>
            {
                var schedule = answer.Deserialize<ScheduleJson>()!;
                call.Terminal.Out.WriteLine($"{schedule.Name}: {schedule.Description ?? $"{What(schedule)} to {string.Join(", ", schedule.Destinations)}, mode {schedule.Mode}"}");
                call.Terminal.Out.WriteLine($"  {schedule.Cron} ({schedule.TimeZone}), next {(schedule.NextAt is { } next ? Time(next) : "never")}; a missed bell: {schedule.Missed}; {schedule.MissedBells} missed in 30 days");
                if (schedule.OverdueSince is { } since)
                {
                    call.Terminal.Out.WriteLine($"  Overdue since {Time(since)}: no hub with this schedule runs, or none reaches its database.");
                }

                foreach (var bell in schedule.Bells)
                {
                    Write(call, bell);
                }
            },
            terminal);
    }

    private static Verb Ring(Terminal terminal)
    {
        var hub = HubOption.Create();
        var name = Name();
        var reason = ReasonOption.Create();
        return new Verb("ring", "Start the runs of a schedule, or a job of the hub's own, now, whatever its time is.", "schedules ring customers_nightly", "schedules ring hub.retention")
        { Arguments = { name }, Options = { reason, hub } }
        .Asks(
            hub, (call, client, stop) => client.PostAsync($"/v1/schedules/{Uri.EscapeDataString(call.Get(name)!)}/ring", new { reason = call.Get(reason) }, stop),
            (call, answer) =>
            {
                Write(call, answer.Deserialize<BellJson>()!);
            },
            terminal);
    }

    private static Argument<string> Name() => new("NAME") { Description = "Name of the schedule, as 'schedules list' shows it." };

    private static void Write(VerbCall call, BellJson bell)
    {
        call.Terminal.Out.WriteLine($"  {Time(bell.DueAt)} {bell.Outcome}{(bell.Code is { } code ? $" ({code})" : "")}: {(bell.Outcome == JobOutcome.Started ? $"runs {string.Join(", ", bell.RunIds)}" : bell.Detail ?? "a hub takes it in a moment")}{(bell.Seconds is { } seconds ? FormattableString.Invariant($" ({seconds:0.0} s)") : "")}");
    }

    private static string Last(ScheduleJson schedule)
    {
        var last = schedule.Bells is [{ } bell, ..] ? $"{bell.Outcome} {Time(bell.DueAt)}{(bell.Seconds is { } seconds ? FormattableString.Invariant($", {seconds:0.0} s") : "")}" : "not yet";
        return schedule.MissedBells == 0 ? last : FormattableString.Invariant($"{last}, {schedule.MissedBells} missed");
    }

    private static string What(ScheduleJson schedule) =>
        schedule.Own ? "the hub's own" : $"{schedule.What ?? "sync"} {schedule.Audience}";

    private static string Time(DateTimeOffset at) => at.ToUniversalTime().ToString("u", CultureInfo.InvariantCulture);
}
