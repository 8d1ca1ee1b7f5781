using System.Globalization;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Storage.Alerts;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Watch;

namespace IntegrationHub.Hub.Alerts;

/// <summary>Which goals are missed, and how soon somebody has to answer. Pure.</summary>
internal static class GoalRules
{
    /// <summary>So many attempts it takes to speak of a share.</summary>
    public const int FewestAttempts = 20;

    /// <summary>The missed goals.</summary>
    /// <param name="slo">The goals.</param>
    /// <param name="situation">What waits.</param>
    /// <param name="window">What was settled in the last minutes.</param>
    /// <param name="worst">The code that most of the failures of a destination met.</param>
    /// <param name="explained">Destinations, and single lanes as <c>destination/lane</c>, whose trouble is known already: what it makes late is no cause of its own.</param>
    public static IReadOnlyList<AlertInput> Of(
        SloRules slo, Situation situation, IReadOnlyList<DeliveryMinute> window, IReadOnlyDictionary<string, string> worst, IReadOnlySet<string> explained)
    {
        var missed = new List<AlertInput>();
        foreach (var lane in situation.Pending.Where(work => !IsExplained(work.Destination, work.Lane)).GroupBy(work => (work.Destination, work.Lane)))
        {
            var goal = slo.Of(lane.Key.Destination, lane.Key.Lane);
            var (oldest, promised) = lane.Select(work => (work, WaitingTime.EndOf(situation, work, goal.Freshness))).MinBy(wait => wait.Item2);
            if (promised < situation.At)
            {
                missed.Add(Missed(
                    lane.Key, AlertCode.FreshnessMissed, FreshnessSeverity(lane.Key.Lane), promised, lane.Sum(work => work.Records),
                    $"what waits longest is owed since {oldest.Oldest:u}, and {Text(goal.Freshness)} are promised{(situation.Windows.ContainsKey(oldest.RunId) ? " of the time in which its windows are open" : "")}."));
            }

            var records = lane.Where(work => !situation.ClosedWindows.ContainsKey(work.RunId)).Sum(work => work.Records);
            if (records > goal.Backlog)
            {
                missed.Add(Missed(lane.Key, AlertCode.BacklogHigh, AlertSeverity.Medium, situation.At, records, string.Create(CultureInfo.InvariantCulture, $"{records:N0} records wait, and at most {goal.Backlog:N0} should.")));
            }
        }

        foreach (var lane in window)
        {
            var goal = slo.Of(lane.Destination, lane.Lane);
            if (lane.Attempted >= FewestAttempts && lane.ErrorShare > goal.ErrorShare)
            {
                missed.Add(Missed(
                    (lane.Destination, lane.Lane), AlertCode.ErrorShareHigh, AlertSeverity.High, situation.At, lane.Attempted,
                    string.Create(CultureInfo.InvariantCulture, $"{lane.ErrorShare:P0} of {lane.Attempted:N0} attempts failed in the last minutes{(worst.TryGetValue(lane.Destination, out var code) ? $", most with {code}" : "")}; at most {goal.ErrorShare:P0} should.")));
            }

            if (!IsExplained(lane.Destination, lane.Lane) && lane.Lag.Total >= FewestAttempts && Slow(lane.Lag, goal) is { Count: > 0 } slow)
            {
                missed.Add(Missed(
                    (lane.Destination, lane.Lane), AlertCode.LagHigh, AlertSeverity.Medium, situation.At, lane.Lag.Total,
                    $"in the last minutes {string.Join("; ", slow)}."));
            }
        }

        return missed;

        bool IsExplained(string destination, string lane) => explained.Contains(destination) || explained.Contains($"{destination}/{lane}");
    }

    private static IReadOnlyList<string> Slow(LagHistogram lag, SloGoal goal) =>
    [
        .. from promise in goal.Lags
           let took = lag.Quantile(promise.Share / 100.0)
           where took > promise.Within
           select $"{promise.Share} of 100 were done within {Text(took.Value)}, and {Text(promise.Within)} are promised",
    ];

    private static AlertInput Missed((string Destination, string Lane) place, string code, string severity, DateTimeOffset since, long records, string what) =>
        new($"destination:{place.Destination}:{place.Lane}:{code}", severity, code, $"{place.Destination}, lane {place.Lane}: {what} 'destinations show {place.Destination}' tells what it does.", AlertCode.Runbooks[code], since)
        { Destination = place.Destination, Lane = place.Lane, Records = records, Action = $"destinations show {place.Destination}" };

    private static string FreshnessSeverity(string lane) => lane switch
    {
        Lane.Urgent => AlertSeverity.Critical,
        Lane.Live => AlertSeverity.High,
        Lane.Bulk => AlertSeverity.Medium,
        _ => AlertSeverity.Low,
    };

    private static string Text(TimeSpan time) => time.TotalSeconds < 120 ? string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0} s") : string.Create(CultureInfo.InvariantCulture, $"{time.TotalMinutes:0} min");
}
