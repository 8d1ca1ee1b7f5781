using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Destinations.Quota;
using IntegrationHub.Storage.Deliveries;

namespace IntegrationHub.Hub.Backfills.Pace;

/// <summary>How long a backfill takes, about. Pure.</summary>
/// <param name="Work">Time in which it is delivered and read back, its windows open all the while and nothing else under way.</param>
/// <param name="LimitedBy">What takes the longest: <c>rate</c>, <c>quota</c> or <c>daily_quota</c>.</param>
/// <param name="DoneAt">When it is done if it begins at once; null when that is years away.</param>
internal sealed record BackfillForecast(TimeSpan Work, string LimitedBy, DateTimeOffset? DoneAt)
{
    /// <summary>Forecasts.</summary>
    /// <param name="people">People to write.</param>
    /// <param name="calls">Vendor calls that they take.</param>
    /// <param name="limits">The destination's quota.</param>
    /// <param name="endpoints">What those calls go to; empty when nobody knows, so that every limit counts.</param>
    /// <param name="rate">The run's own rate, or null.</param>
    /// <param name="windows">The run's windows, or null.</param>
    /// <param name="at">When it begins.</param>
    /// <returns>Null where nothing limits it, so that nobody knows.</returns>
    public static BackfillForecast? For(
        long people, BackfillCallsJson calls, QuotaLimits limits, IReadOnlyList<VendorEndpoint> endpoints, RecordRate? rate, DeliveryWindows? windows, DateTimeOffset at)
    {
        var longest = Limits(people, limit => CallsOn(limit, calls, endpoints), limits, rate).OrderByDescending(limit => limit.Work).FirstOrDefault();
        return longest.By is null ? null : new BackfillForecast(
            longest.Work, longest.By, windows is not null ? windows.DoneAt(at, longest.Work) : longest.Work < DateTimeOffset.MaxValue - at ? at + longest.Work : null);
    }

    private static IEnumerable<(string? By, TimeSpan Work)> Limits(long people, Func<RateLimit, long> calls, QuotaLimits limits, RecordRate? rate)
    {
        if (rate is { } own)
        {
            yield return ("rate", own.For(people));
        }

        foreach (var limit in limits.Rates.Where(limit => limit.Kind != RateWindow.Day && calls(limit) > 0))
        {
            yield return ("quota", limit.Window * (calls(limit) / (limit.Calls * limits.PaceShareOf(Lane.Backfill))));
        }

        if (limits.Rates.FirstOrDefault(limit => limit.Kind == RateWindow.Day) is { } day)
        {
            // The last day's share of the calls takes no day.
            var days = calls(day) / Math.Max(1, (long)(day.Calls * limits.DayShares.GetValueOrDefault(Lane.Backfill, 1)));
            yield return ("daily_quota", TimeSpan.FromDays(days));
        }
    }

    private static long CallsOn(RateLimit limit, BackfillCallsJson calls, IReadOnlyList<VendorEndpoint> endpoints)
    {
        var drawing = endpoints.Where(limit.Covers).ToList();
        return (endpoints.Count == 0 || drawing.Exists(endpoint => endpoint.WritesPeople) ? calls.Write : 0)
            + (endpoints.Count == 0 || drawing.Exists(endpoint => !endpoint.WritesPeople) ? calls.Read + calls.ReadBack : 0);
    }
}
