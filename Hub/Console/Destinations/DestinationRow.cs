using IntegrationHub.Hub.Alerts;
using IntegrationHub.Hub.Console.Parts;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Diagnosis;

namespace IntegrationHub.Hub.Console.Destinations;

/// <summary>What a list says of a destination. The worst fact wins; nothing is well that nobody knows of. Pure.</summary>
internal static class DestinationRow
{
    /// <summary>Fewer attempts say nothing of a share.</summary>
    private const int Enough = 20;

    /// <summary>Its state in a word.</summary>
    public static Word StateOf(DestinationJson destination) => destination switch
    {
        { Condition.Trouble: "unauthorized" } => new("✕", "no access", "bad"),
        { Condition.Trouble: "misconfigured" } => new("✕", "misconfigured", "bad"),
        { Condition.Trouble: "unavailable" } => new("✕", "no answer", "bad"),
        { Condition: { } condition } => new("◔", $"waits: {Words.OfCode(condition.Code.StartsWith("quota_", StringComparison.Ordinal) ? DiagnosisCode.Quota : condition.Code)}", "warn"),
        _ when destination.Diagnoses.FirstOrDefault(one => one.Severity is not null) is { } bad => new("✕", Words.OfCode(bad.Code), "bad"),
        _ when destination.Diagnoses.Count > 0 => new("◔", $"waits: {Words.OfCode(destination.Diagnoses[0].Code)}", "warn"),
        _ when destination.Goals.Any(goal => goal.Attempted >= Enough && goal.ErrorShare > goal.ErrorShareGoal) => new("▲", "more errors than promised", "warn"),
        _ when destination.Goals.Any(goal => goal.Freshness > goal.FreshnessGoal || goal.Backlog > goal.BacklogGoal) => new("▲", "slower than promised", "warn"),
        _ when destination.Backlog.Count == 0 && destination.Goals.All(goal => goal.Attempted == 0) => new("–", "idle", "quiet"),
        _ => new("✓", "flows", "good"),
    };

    /// <summary>The lane that is the furthest from its goal, or null when nothing waits.</summary>
    public static GoalJson? Slowest(DestinationJson destination) => destination.Goals.Where(goal => goal.Backlog > 0).MaxBy(goal => goal.Freshness / Math.Max(1, goal.FreshnessGoal));

    /// <summary>Share of attempts that failed in the last hour; null when nothing was tried.</summary>
    public static double? Errors(DestinationJson destination)
    {
        var tried = destination.Goals.Sum(goal => goal.Attempted);
        return tried == 0 ? null : destination.Goals.Sum(goal => goal.Attempted * (goal.ErrorShare ?? 0)) / tried;
    }

    /// <summary>The day's limit, or the longest one that is counted.</summary>
    public static LimitJson? Quota(DestinationJson destination) => destination.Limits.Where(limit => limit.Used is not null).MaxBy(limit => limit.WindowSeconds);

    /// <summary>When all that waits is done; null when nothing waits, or nobody knows.</summary>
    public static DateTimeOffset? DoneAt(DestinationJson destination) => destination.Forecast.Count == 0 || destination.Forecast.Any(lane => lane.DoneAt is null) ? null : destination.Forecast.Max(lane => lane.DoneAt);
}
