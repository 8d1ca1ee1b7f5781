using IntegrationHub.Storage.Ledger;

namespace IntegrationHub.Hub.Intake.Catalog.Drift;

/// <summary>Looks for fields that say nothing more often than they used to, and for values that a field with few never had. Pure.</summary>
internal static class FieldDrift
{
    /// <summary>How far back it looks for what is usual.</summary>
    public static readonly TimeSpan Horizon = TimeSpan.FromDays(28);

    private const long LeastNow = 50;
    private const long LeastBefore = 200;
    private const double LeastRise = 0.2;
    private static readonly TimeSpan _new = TimeSpan.FromDays(7);

    /// <summary>Fields of which a fifth more of the facts say nothing, today and yesterday, than in the four weeks before.</summary>
    /// <param name="fields">Counts of a type by day.</param>
    /// <param name="now">The hub's time.</param>
    public static IEnumerable<DriftFinding> FindNulls(IEnumerable<FieldCount> fields, DateTimeOffset now)
    {
        var yesterday = new DateTimeOffset(now.UtcDateTime.Date.AddDays(-1), TimeSpan.Zero);
        foreach (var field in fields.GroupBy(count => (count.Producer, count.Path)).OrderBy(group => group.Key))
        {
            var (before, recent) = (Missing(field.Where(count => count.Day < yesterday)), Missing(field.Where(count => count.Day >= yesterday)));
            if (before.Facts >= LeastBefore && recent.Facts >= LeastNow && recent.Share - before.Share >= LeastRise)
            {
                yield return new DriftFinding(DriftFinding.NullSpike, field.Key.Producer, field.Key.Path, null, before.Share, recent.Share, yesterday);
            }
        }
    }

    /// <summary>Values that came for the first time within a week, in fields that are known for longer.</summary>
    /// <param name="values">Values of a type.</param>
    /// <param name="now">The hub's time.</param>
    public static IEnumerable<DriftFinding> FindValues(IEnumerable<ValueCount> values, DateTimeOffset now)
    {
        foreach (var field in values.GroupBy(value => (value.Producer, value.Path)).OrderBy(group => group.Key))
        {
            var known = field.Min(value => value.FirstAt) + _new;
            if (field.Count() >= FieldBook.MostValues)
            {
                continue; // a field that has so many values has not few: a new one says nothing
            }

            foreach (var value in field.Where(value => value.FirstAt >= known && value.FirstAt > now - _new).OrderBy(value => value.Value, StringComparer.Ordinal))
            {
                yield return new DriftFinding(DriftFinding.NewValue, value.Producer, value.Path, value.Value, null, value.Facts, value.FirstAt);
            }
        }
    }

    private static (long Facts, double Share) Missing(IEnumerable<FieldCount> days)
    {
        var (facts, present) = days.Aggregate((Facts: 0L, Present: 0L), (sum, day) => (sum.Facts + day.Facts, sum.Present + day.Present));
        return (facts, facts == 0 ? 0 : 1 - (double)present / facts);
    }
}
