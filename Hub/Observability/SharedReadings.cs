using IntegrationHub.Connectors.Abstractions.Notices;
using IntegrationHub.Hub.Destinations.Quota;
using IntegrationHub.Storage.Alerts;
using IntegrationHub.Storage.Canaries;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Watch;

namespace IntegrationHub.Hub.Observability;

/// <summary>What the gauges show of all that hubs share: facts in, readings out; pure.</summary>
internal static class SharedReadings
{
    /// <summary>Everything that stands or waits.</summary>
    /// <param name="situation">What is known.</param>
    /// <param name="destinations">Names of all destinations: where nothing waits is 0, not missing.</param>
    public static IEnumerable<Reading> Of(Situation situation, IReadOnlyCollection<string> destinations) =>
    [
        .. destinations.SelectMany(destination => Lane.InOrder.SelectMany(lane => OfLane(destination, lane, situation))),
        .. destinations.SelectMany(destination => OfCircuit(destination, situation)),
        .. situation.Runs.CountBy(run => (run.Kind, run.State)).Select(runs => new Reading(HubMetrics.Runs, runs.Value, runs.Key.Kind, runs.Key.State)),
        .. OpenRunKind.All.Select(kind => new Reading(HubMetrics.RunsStalled, situation.Runs.Count(run => run.Kind == kind && run.StalledSince is not null), kind)),
        .. situation.Drifts.Select(drift => drift.Left()).SelectMany(left => new Reading[]
        {
            new(HubMetrics.Drift, left.Missing, left.Audience, left.Destination, HubMetrics.Missing),
            new(HubMetrics.Drift, left.Unexpected, left.Audience, left.Destination, HubMetrics.Unexpected),
            new(HubMetrics.Drift, left.Different, left.Audience, left.Destination, HubMetrics.Different),
        }),
        .. destinations.SelectMany(destination => NoticeKind.All.Select(kind => new Reading(
            HubMetrics.VendorNotices, situation.Notices.Count(notice => notice.Destination == destination && notice.Kind == kind), destination, kind))),
        .. situation.Canaries.GroupBy(trip => trip.Destination).SelectMany(OfCanaries),
        .. HubMetrics.Waiting.Labels[0].Words.Select(kind => new Reading(HubMetrics.Waiting, situation.Queues.Where(queue => queue.Kind == kind).Sum(queue => queue.Records), kind)),
        new Reading(HubMetrics.Hubs, situation.Hubs.Count(hub => hub.IsAlive), HubMetrics.Alive),
        new Reading(HubMetrics.Hubs, situation.Hubs.Count(hub => !hub.IsAlive), HubMetrics.Silent),
        new Reading(HubMetrics.DatabaseUp, 1),
        new Reading(HubMetrics.LookedAt, situation.At.ToUnixTimeSeconds()),
    ];

    /// <summary>The limits of a destination that last long enough for somebody to look at.</summary>
    public static IEnumerable<Reading> OfQuota(string destination, SharedQuota shared, QuotaLimits limits, DateTimeOffset now) =>
        from limit in limits.Rates
        where QuotaLimits.IsBudget(limit)
        let used = shared.UsedIn(limits, limit, now)
        from reading in new Reading[]
        {
            new(HubMetrics.QuotaUsed, used, destination, limit.Name),
            new(HubMetrics.QuotaAvailable, Math.Max(0, shared.Capacity(limits, limit.Name) - used), destination, limit.Name),
        }
        select reading;

    /// <summary>The open alerts, but for those of which somebody said that nobody shall be told.</summary>
    public static IEnumerable<Reading> OfAlerts(IEnumerable<StoredAlert> open) => open
        .Where(alert => alert.Silence is null)
        .CountBy(alert => (alert.What.Code, alert.What.Severity, alert.What.Destination))
        .Select(alerts => new Reading(HubMetrics.OpenAlerts, alerts.Value, alerts.Key.Code, alerts.Key.Severity, alerts.Key.Destination));

    private static Reading[] OfLane(string destination, string lane, Situation situation)
    {
        var pending = situation.Pending.Where(work => work.Destination == destination && work.Lane == lane).ToList();
        return
        [
            new Reading(HubMetrics.Backlog, pending.Sum(work => work.Records), destination, lane),
            new Reading(HubMetrics.OldestAge, pending.Count == 0 ? 0 : Math.Max(0, (situation.At - pending.Min(work => work.Oldest)).TotalSeconds), destination, lane),
        ];
    }

    private static IEnumerable<Reading> OfCircuit(string destination, Situation situation) => HubMetrics.CircuitOpen.Labels[1].Words.Select(trouble => new Reading(
        HubMetrics.CircuitOpen,
        situation.Conditions.Count(condition => condition.Trouble == trouble && condition.Until > situation.At && (condition.Name == destination || condition.Name.StartsWith(destination + "/", StringComparison.Ordinal))),
        destination, trouble));

    private static IEnumerable<Reading> OfCanaries(IGrouping<string, CanaryTrip> trips) =>
    [
        .. CanaryState.All.Select(state => new Reading(HubMetrics.Canaries, trips.Count(trip => trip.State == state), trips.Key, state)),
        new Reading(HubMetrics.CanaryLag, trips.Where(trip => trip.ShownAt is not null).Select(trip => (trip.ShownAt!.Value - trip.StatedAt).TotalSeconds).DefaultIfEmpty(double.NaN).Max(), trips.Key),
    ];
}
