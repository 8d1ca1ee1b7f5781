using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Destinations.Quota;

namespace IntegrationHub.Hub.Reconciliation;

/// <summary>The vendor calls of a day that reconciliations of a destination may make, all together over all instances.</summary>
/// <param name="Day">When the day began: that of the account, where the vendor counts by the day.</param>
/// <param name="Ends">When the next one begins.</param>
/// <param name="Calls">How many calls, 1 or more.</param>
internal readonly record struct ReadBackBudget(DateTimeOffset Day, DateTimeOffset Ends, long Calls)
{
    /// <summary>The budget of a destination today.</summary>
    public static ReadBackBudget Of(Destination destination, TimeProvider time) => At(
        destination.Quota.Limits, destination.Descriptor.ReadBackEndpoints, destination.Reconcile.ReadBackShare ?? ReconcileSection.DefaultReadBackShare, time.GetUtcNow());

    /// <summary>All calls that the vendor allows a destination today.</summary>
    public static ReadBackBudget WholeOf(Destination destination, TimeProvider time) => At(destination.Quota.Limits, destination.Descriptor.ReadBackEndpoints, 1, time.GetUtcNow());

    /// <summary>The budget of the day that a time falls into.</summary>
    /// <param name="limits">Limits of the destination; of those by the day, those for all calls and those of the endpoints by which is read back, the one that allows least in a day counts.</param>
    /// <param name="readBack">The endpoints by which is read back, where the connector names them.</param>
    /// <param name="share">Share of it, above 0 to 1.</param>
    /// <param name="now">The time.</param>
    public static ReadBackBudget At(QuotaLimits limits, IReadOnlyList<VendorEndpoint> readBack, double share, DateTimeOffset now)
    {
        var day = limits.Rates.FirstOrDefault(limit => limit.Kind == RateWindow.Day);
        var midnight = new DateTimeOffset(now.UtcDateTime.Date, TimeSpan.Zero);
        var (start, end) = day is null ? (midnight, midnight.AddDays(1)) : limits.PeriodAt(day, now);
        var shared = limits.Rates.Where(limit => limit.Kind == RateWindow.Day || limit.Endpoints.Count == 0 || readBack.Any(limit.Covers)).Select(PerDay).DefaultIfEmpty(int.MaxValue).Min();
        return new ReadBackBudget(start, end, Math.Max(1, (long)(shared * share)));
    }

    private static double PerDay(RateLimit limit) => limit.Kind == RateWindow.Day ? limit.Calls : limit.Calls * (TimeSpan.FromDays(1) / limit.Window);
}
