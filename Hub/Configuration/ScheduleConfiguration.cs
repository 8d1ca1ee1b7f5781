using Quartz;

namespace IntegrationHub.Hub.Configuration;

/// <summary>What becomes of a bell that no hub could ring at its time.</summary>
internal enum MissedBell
{
    /// <summary>It is noted, and the next one rings at its time.</summary>
    Skip,

    /// <summary>It is noted and rung once, as soon as a hub is there, however many were missed.</summary>
    Once,
}

/// <summary>One schedule of <c>schedules.yaml</c>: when an audience is brought to its destinations, or compared with what they hold, without anybody asking.</summary>
/// <param name="Name">Name of the schedule.</param>
/// <param name="Audience">Key of the audience.</param>
/// <param name="Destinations">Where to; empty for every destination of the audience.</param>
/// <param name="Mode">One of <see cref="Contracts.Audiences.SyncMode"/>.</param>
/// <param name="Cron">When, as Quartz writes it: seconds first.</param>
/// <param name="TimeZone">Where the clock of <paramref name="Cron"/> hangs; days of 23 and 25 hours follow its law.</param>
/// <param name="Missed">What becomes of a missed bell.</param>
internal sealed record ScheduleConfiguration(string Name, string Audience, IReadOnlyList<string> Destinations, string Mode, string Cron, TimeZoneInfo TimeZone, MissedBell Missed)
{
    /// <summary>Hubs take turns, and are busy: so late, a bell may still ring.</summary>
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(2);

    /// <summary><c>sync</c> or <c>reconcile</c>.</summary>
    public string What => Mode == Contracts.Audiences.SyncMode.Reconcile ? "reconcile" : "sync";

    /// <summary>The first bell after an instant; null when there is none any more.</summary>
    public DateTimeOffset? NextAfter(DateTimeOffset instant) => new CronExpression(Cron, TimeZone).GetNextValidTimeAfter(instant);

    /// <summary>The bell after the last known one, when it should have rung some time ago; else null.</summary>
    public DateTimeOffset? OverdueSince(DateTimeOffset last, DateTimeOffset now) => NextAfter(last) is { } due && due < now - _patience ? due : null;
}
