using System.Collections.Immutable;

namespace IntegrationHub.Storage.Alerts;

/// <summary>How soon somebody has to answer.</summary>
public static class AlertSeverity
{
    /// <summary>Within 15 minutes.</summary>
    public const string Critical = "critical";

    /// <summary>Within an hour.</summary>
    public const string High = "high";

    /// <summary>Within four hours.</summary>
    public const string Medium = "medium";

    /// <summary>Within a day.</summary>
    public const string Low = "low";

    /// <summary>All of them, the most urgent first.</summary>
    public static ImmutableArray<string> InOrder { get; } = [Critical, High, Medium, Low];

    /// <summary>Within what time somebody has to answer.</summary>
    public static TimeSpan AnswerWithin(string severity) => severity switch
    {
        Critical => TimeSpan.FromMinutes(15),
        High => TimeSpan.FromHours(1),
        Medium => TimeSpan.FromHours(4),
        _ => TimeSpan.FromHours(24),
    };

    /// <summary>True when <paramref name="one"/> is more urgent than <paramref name="other"/>, or that is none.</summary>
    public static bool IsWorse(string one, string other) => InOrder.IndexOf(other) is var rank && (rank < 0 || InOrder.IndexOf(one) < rank);
}
