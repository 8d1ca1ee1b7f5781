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

/// <summary>When a bell rings: of a schedule that the configuration has, or of a job of the hub's own.</summary>
/// <param name="Name">Name, unlike any other's.</param>
/// <param name="Cron">When, as Quartz writes it: seconds first.</param>
/// <param name="TimeZone">Where the clock of <paramref name="Cron"/> hangs; days of 23 and 25 hours follow its law.</param>
/// <param name="Missed">What becomes of a missed bell.</param>
internal record BellPlan(string Name, string Cron, TimeZoneInfo TimeZone, MissedBell Missed)
{
    /// <summary>Hubs take turns, and are busy: so late, a bell may still ring.</summary>
    private static readonly TimeSpan _patience = TimeSpan.FromMinutes(2);

    /// <summary>The first bell after an instant; null when there is none any more.</summary>
    public DateTimeOffset? NextAfter(DateTimeOffset instant) => new CronExpression(Cron, TimeZone).GetNextValidTimeAfter(instant);

    /// <summary>True of the very instants at which the clock rings it, false of those at which it is rung late.</summary>
    public bool RingsAt(DateTimeOffset instant) => NextAfter(instant - TimeSpan.FromTicks(1)) == instant;

    /// <summary>The bell after the last known one, when it should have rung some time ago; else null.</summary>
    public DateTimeOffset? OverdueSince(DateTimeOffset last, DateTimeOffset now) => NextAfter(last) is { } due && due < now - _patience ? due : null;
}
