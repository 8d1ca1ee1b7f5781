using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Storage.Deliveries;

namespace IntegrationHub.Hub.Destinations.Quota;

/// <summary>When the pending work of a lane will be done at the pace that the quota allows, and what is left of the day's calls then. Pure.</summary>
/// <param name="Lane">The lane.</param>
/// <param name="Calls">Vendor calls that its pending deliveries still take, in full batches.</param>
/// <param name="DoneAt">When the last of them may be made, earlier lanes going first.</param>
/// <param name="BudgetUsedAtEnd">Share of the day's calls that are used then, 0 to 1; null where no limit of a day is documented.</param>
internal sealed record QuotaForecast(string Lane, long Calls, DateTimeOffset DoneAt, double? BudgetUsedAtEnd)
{
    /// <summary>Forecasts every lane that has pending work.</summary>
    /// <param name="limits">The limits.</param>
    /// <param name="descriptor">The connector: its batches.</param>
    /// <param name="pending">Pending deliveries by lane and operation.</param>
    /// <param name="usedToday">Calls of the day so far.</param>
    /// <param name="now">The time.</param>
    public static IReadOnlyList<QuotaForecast> For(
        QuotaLimits limits, ConnectorDescriptor descriptor, IEnumerable<(string Lane, Operation Operation, long Count)> pending, long usedToday, DateTimeOffset now)
    {
        var perSecond = limits.Rates.Where(limit => !QuotaLimits.IsBudget(limit) && limit.Endpoints.Count == 0).Select(limit => limit.Calls / limit.Window.TotalSeconds)
            .DefaultIfEmpty(limits.Rates.Where(limit => !QuotaLimits.IsBudget(limit)).Select(limit => limit.Calls / limit.Window.TotalSeconds).DefaultIfEmpty(double.PositiveInfinity).Max())
            .Min();
        var day = limits.Rates.FirstOrDefault(limit => limit.Kind == RateWindow.Day);
        var forecasts = new List<QuotaForecast>();
        var (at, used) = (now, usedToday);
        foreach (var lane in pending.GroupBy(work => work.Lane).OrderBy(lane => Storage.Deliveries.Lane.InOrder.IndexOf(lane.Key)))
        {
            var calls = lane.Sum(work => CallsOf(descriptor, work.Operation, work.Count));
            (at, used) = Advance(limits, day, lane.Key, calls, perSecond, at, used);
            forecasts.Add(new QuotaForecast(lane.Key, calls, at, day is null ? null : used / (double)day.Calls));
        }

        return forecasts;
    }

    private static long CallsOf(ConnectorDescriptor descriptor, Operation operation, long count)
    {
        var limits = descriptor.Operations[operation];
        return (long)Math.Ceiling(count / (double)limits.MaxRecords * limits.CallsPerBatch);
    }

    /// <summary>Works the calls off, day by day where a day does not suffice.</summary>
    private static (DateTimeOffset At, long Used) Advance(QuotaLimits limits, RateLimit? day, string lane, long calls, double perSecond, DateTimeOffset at, long used)
    {
        var perDay = day is null ? long.MaxValue : Math.Max(1, (long)(day.Calls * limits.DayShares.GetValueOrDefault(lane, 1)));
        while (calls > 0)
        {
            var midnight = day is null ? DateTimeOffset.MaxValue : limits.PeriodAt(day, at).End;
            var today = Math.Min(calls, Math.Max(0, perDay - used));
            var done = at + TimeSpan.FromSeconds(Math.Min(today / perSecond, TimeSpan.FromDays(3650).TotalSeconds));
            if (done < midnight)
            {
                (at, used, calls) = (done, used + today, calls - today);
                if (calls == 0)
                {
                    break;
                }
            }
            else
            {
                calls -= Math.Min(today, (long)((midnight - at).TotalSeconds * perSecond));
            }

            (at, used) = (midnight, 0);
        }

        return (at, used);
    }
}
