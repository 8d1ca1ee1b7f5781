namespace IntegrationHub.Hub.Configuration;

/// <summary>One schedule of <c>schedules.yaml</c>: when an audience is brought to its destinations, or compared with what they hold, without anybody asking.</summary>
/// <param name="Name">Name of the schedule.</param>
/// <param name="Audience">Key of the audience.</param>
/// <param name="Destinations">Where to; empty for every destination of the audience.</param>
/// <param name="Mode">One of <see cref="Contracts.Audiences.SyncMode"/>.</param>
/// <param name="Cron">When, as Quartz writes it.</param>
/// <param name="TimeZone">Where the clock hangs.</param>
/// <param name="Missed">What becomes of a missed bell.</param>
internal sealed record ScheduleConfiguration(string Name, string Audience, IReadOnlyList<string> Destinations, string Mode, string Cron, TimeZoneInfo TimeZone, MissedBell Missed)
    : BellPlan(Name, Cron, TimeZone, Missed)
{
    /// <summary><c>sync</c> or <c>reconcile</c>.</summary>
    public string What => Mode == Contracts.Audiences.SyncMode.Reconcile ? "reconcile" : "sync";
}
