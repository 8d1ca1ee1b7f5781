using IntegrationHub.Storage.Ledger;

namespace IntegrationHub.Hub.Intake.Catalog.Drift;

/// <summary>
/// Compares the last whole hour, and where hours hold too few facts the last 24, with the same time of the four weeks before. The median of them is the usual: one holiday among them, or one
/// flood, does not move it. A producer that is known for less than two weeks has no usual. Pure.
/// </summary>
internal static class VolumeDrift
{
    /// <summary>How far back it looks.</summary>
    public static readonly TimeSpan Horizon = TimeSpan.FromDays(Weeks * 7 + 2);

    private const int Weeks = 4;
    private const int LeastWeeks = 2;
    private const double LeastUsual = 30;
    private const double Low = 0.3;
    private const double High = 3;

    /// <summary>What is not as usual.</summary>
    /// <param name="hours">Hours of all producers of a type, as far back as <see cref="Horizon"/>.</param>
    /// <param name="now">The hub's time.</param>
    public static IEnumerable<DriftFinding> Find(IEnumerable<HourCount> hours, DateTimeOffset now)
    {
        var end = new DateTimeOffset(now.UtcTicks - now.UtcTicks % TimeSpan.TicksPerHour, TimeSpan.Zero);
        foreach (var producer in hours.Where(hour => hour.Producer != FactBook.Others).GroupBy(hour => hour.Producer, StringComparer.Ordinal).OrderBy(group => group.Key, StringComparer.Ordinal))
        {
            var counts = producer.ToDictionary(hour => hour.Hour.ToUniversalTime(), hour => hour.Facts);
            var first = counts.Keys.Min();
            foreach (var window in new[] { 1, 24 })
            {
                if (Compare(producer.Key, counts, first, end, window) is { } finding)
                {
                    yield return finding;
                    break;
                }
            }
        }
    }

    private static DriftFinding? Compare(string producer, Dictionary<DateTimeOffset, long> counts, DateTimeOffset first, DateTimeOffset end, int window)
    {
        var begin = end.AddHours(-window);
        long[] before = [.. Enumerable.Range(1, Weeks).Select(week => begin.AddDays(-7 * week)).Where(start => start >= first).Select(start => Sum(counts, start, window)).Order()];
        if (before.Length < LeastWeeks)
        {
            return null;
        }

        var usual = (before[(before.Length - 1) / 2] + before[before.Length / 2]) / 2.0;
        var now = Sum(counts, begin, window);
        return usual < LeastUsual ? null
            : now < usual * Low ? new DriftFinding(now == 0 ? DriftFinding.Silent : DriftFinding.Low, producer, "", null, usual, now, begin)
            : now > usual * High ? new DriftFinding(DriftFinding.High, producer, "", null, usual, now, begin)
            : null;
    }

    private static long Sum(Dictionary<DateTimeOffset, long> counts, DateTimeOffset begin, int hours) => Enumerable.Range(0, hours).Sum(hour => counts.GetValueOrDefault(begin.AddHours(hour)));
}
