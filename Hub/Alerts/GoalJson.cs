using System.Text.Json.Serialization;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Storage.Watch;

namespace IntegrationHub.Hub.Alerts;

/// <summary>How a lane of a destination stands against its goals, as the API and the CLI show it. Times are in seconds.</summary>
internal sealed record GoalJson
{
    [JsonPropertyName("lane")] public required string Lane { get; init; }

    /// <summary>How long the oldest that waits has waited, of backfills while their windows were open; 0 when nothing waits.</summary>
    [JsonPropertyName("freshness_seconds")] public required double Freshness { get; init; }
    [JsonPropertyName("freshness_goal")] public required double FreshnessGoal { get; init; }

    /// <summary>Records that wait.</summary>
    [JsonPropertyName("backlog")] public required long Backlog { get; init; }

    /// <summary>How many may wait; null for any number.</summary>
    [JsonPropertyName("backlog_goal")] public required long? BacklogGoal { get; init; }

    /// <summary>What was tried in the window, repeats included.</summary>
    [JsonPropertyName("attempted")] public required long Attempted { get; init; }

    /// <summary>Which share of that failed, from 0 to 1; null when nothing was tried.</summary>
    [JsonPropertyName("error_share")] public required double? ErrorShare { get; init; }
    [JsonPropertyName("error_share_goal")] public required double ErrorShareGoal { get; init; }

    /// <summary>Within what time half of what was done was done, from owed to done; null when nothing was. Read from the bounds 1, 5, 15, 60, 300, 900 s, 1, 4 and 24 h, evenly between them.</summary>
    [JsonPropertyName("lag_p50_seconds")] public required double? LagP50 { get; init; }
    [JsonPropertyName("lag_p95_seconds")] public required double? LagP95 { get; init; }
    [JsonPropertyName("lag_p99_seconds")] public required double? LagP99 { get; init; }

    /// <summary>What is promised of it; null for any time.</summary>
    [JsonPropertyName("lag_p50_goal")] public required double? LagP50Goal { get; init; }
    [JsonPropertyName("lag_p99_goal")] public required double? LagP99Goal { get; init; }
    [JsonPropertyName("lag_p95_goal")] public required double LagP95Goal { get; init; }

    /// <summary>The lanes in which something waits or was settled, in the order of their urgency.</summary>
    /// <param name="slo">The goals.</param>
    /// <param name="destination">The destination.</param>
    /// <param name="situation">What waits.</param>
    /// <param name="window">What was settled in the window.</param>
    public static IReadOnlyList<GoalJson> Of(SloRules slo, string destination, Situation situation, IReadOnlyList<DeliveryMinute> window) =>
    [
        .. from lane in Storage.Deliveries.Lane.InOrder
           let waits = situation.Pending.Where(work => work.Destination == destination && work.Lane == lane).ToList()
           let settled = window.FirstOrDefault(minute => minute.Destination == destination && minute.Lane == lane)
           where waits.Count > 0 || settled is not null
           let goal = slo.Of(destination, lane)
           select new GoalJson
           {
               Lane = lane,
               Freshness = waits.Count == 0 ? 0 : waits.Max(work => WaitingTime.Of(situation, work)).TotalSeconds,
               FreshnessGoal = goal.Freshness.TotalSeconds,
               Backlog = waits.Sum(work => work.Records),
               BacklogGoal = goal.Backlog,
               Attempted = settled?.Attempted ?? 0,
               ErrorShare = settled is { Attempted: > 0 } ? settled.ErrorShare : null,
               ErrorShareGoal = goal.ErrorShare,
               LagP50 = settled?.Lag.Quantile(0.5)?.TotalSeconds,
               LagP95 = settled?.Lag.Quantile(0.95)?.TotalSeconds,
               LagP99 = settled?.Lag.Quantile(0.99)?.TotalSeconds,
               LagP50Goal = goal.LagP50?.TotalSeconds,
               LagP95Goal = goal.LagP95.TotalSeconds,
               LagP99Goal = goal.LagP99?.TotalSeconds,
           },
    ];
}
