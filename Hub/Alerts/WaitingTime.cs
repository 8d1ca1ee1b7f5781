using IntegrationHub.Hub.Backfills.Pace;
using IntegrationHub.Storage.Watch;

namespace IntegrationHub.Hub.Alerts;

/// <summary>How long what waits has waited, as far as somebody promised that it would not: of a backfill only the time counts in which a window of it is open. Pure.</summary>
internal static class WaitingTime
{
    /// <summary>How long the oldest of it has waited.</summary>
    public static TimeSpan Of(Situation situation, PendingWork work) =>
        situation.At <= work.Oldest ? TimeSpan.Zero : WindowsOf(situation, work)?.OpenBetween(work.Oldest, situation.At) ?? situation.At - work.Oldest;

    /// <summary>When the oldest of it has waited so long.</summary>
    public static DateTimeOffset EndOf(Situation situation, PendingWork work, TimeSpan promised) =>
        WindowsOf(situation, work) is { } windows ? windows.DoneAt(work.Oldest, promised) ?? DateTimeOffset.MaxValue : work.Oldest + promised;

    private static DeliveryWindows? WindowsOf(Situation situation, PendingWork work) => DeliveryWindows.Of(situation.Windows.GetValueOrDefault(work.RunId));
}
