using IntegrationHub.Contracts.Audiences;
using Quartz;

namespace IntegrationHub.Hub.Configuration;

/// <summary>Reads <c>schedules.yaml</c>.</summary>
internal static class SchedulesFileParser
{
    private static readonly string[] _modes = [SyncMode.Full, SyncMode.Delta, SyncMode.Mirror];

    /// <summary>The schedules without mistakes, with the section that each stands in.</summary>
    public static IReadOnlyList<(YamlSection Root, ScheduleConfiguration Value)> Parse(ConfigurationFile file)
    {
        var schedules = new List<(YamlSection, ScheduleConfiguration)>();
        if (file.Root.Section("schedules", required: true) is { } section)
        {
            foreach (var name in section.Keys)
            {
                if (!ConfigurationNames.IsName(name))
                {
                    section.Fail(name, $"{section.PathOf(name)} is not a good name.", ConfigurationNames.Rule);
                }

                if (section.Section(name) is { } about && Schedule(name, about) is { } schedule)
                {
                    schedules.Add((about, schedule));
                }
            }
        }

        file.Root.RejectUnknownKeys();
        return schedules;
    }

    private static ScheduleConfiguration? Schedule(string name, YamlSection about)
    {
        var compared = about.Text("reconcile");
        var audience = compared ?? about.Text("sync", required: true);
        if (compared is not null && (about.Has("sync") || about.Has("mode")))
        {
            about.Fail("reconcile", $"{about.PathOf("reconcile")} stands beside {(about.Has("sync") ? "sync" : "mode")}: one schedule cannot do both.", "Write sync and its mode into a schedule of its own.");
            _ = about.Text("sync");
        }

        var destinations = about.Texts("destinations");
        var mode = about.Text("mode") ?? (compared is null ? SyncMode.Full : SyncMode.Reconcile);
        if (compared is null && !_modes.Contains(mode))
        {
            about.Fail("mode", $"{about.PathOf("mode")} cannot be {mode}.", $"{Spelling.Hint(mode, _modes)}Write one of: {string.Join(", ", _modes)}.");
        }

        var cron = Cron(about);
        var zone = TimeZoneName.Parse(about, "time_zone", required: true);
        var missed = about.Choice<MissedBell>("missed") ?? MissedBell.Skip;
        about.RejectUnknownKeys();
        return audience is null || cron is null || zone is null ? null : new ScheduleConfiguration(name, audience, destinations, mode, cron, zone, missed);
    }

    private static string? Cron(YamlSection about)
    {
        if (about.Text("cron", required: true) is not { } cron)
        {
            return null;
        }

        try
        {
            return new CronExpression(cron).CronExpressionString;
        }
        catch (FormatException exception)
        {
            about.Fail("cron", $"{about.PathOf("cron")} is no time of the clock: {exception.Message.TrimEnd('.')}.", "Write second minute hour day-of-month month day-of-week, one of the days as ?: \"0 30 3 * * ?\" rings every night at half past three.");
            return null;
        }
    }
}
