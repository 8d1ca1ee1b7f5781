using System.Numerics;
using IntegrationHub.Hub.Intake.Facts;
using IntegrationHub.Storage.Ledger;

namespace IntegrationHub.Hub.Intake.Catalog.Drift;

/// <summary>
/// Counts in memory what facts hold, until somebody writes it down: a fact costs a few additions, and a crash costs the counts of half a minute. Bounded: types times producers, of which so many
/// are told apart, and values of a field likewise. A value is shown only where it plainly is a name.
/// </summary>
internal sealed class FieldTally
{
    private const int MostPairs = 1_000;
    private const int MostValueChars = 64;
    private readonly Lock _lock = new();
    private Dictionary<(string EventType, string Producer), Counts> _counts = [];

    /// <summary>Counts facts that are new and were taken in.</summary>
    public void Count(IEnumerable<FactVerdict> verdicts)
    {
        lock (_lock)
        {
            foreach (var verdict in verdicts)
            {
                if (verdict is { Fact: { } fact, Contents: { } contents })
                {
                    CountsOf(fact.EventType, fact.Producer).Add(contents);
                }
            }
        }
    }

    /// <summary>Takes what was counted, which is then counted anew.</summary>
    /// <param name="day">The day that it is counted for.</param>
    /// <param name="now">The hub's time.</param>
    public (IReadOnlyList<FieldCount> Fields, IReadOnlyList<ValueCount> Values) Take(DateTimeOffset day, DateTimeOffset now)
    {
        Dictionary<(string EventType, string Producer), Counts> taken;
        lock (_lock)
        {
            (taken, _counts) = (_counts, []);
        }

        return (
            [.. taken.SelectMany(pair => pair.Value.Present.Select((present, field) => new FieldCount(pair.Key.EventType, pair.Key.Producer, FactPlan.Of(pair.Key.EventType).Fields[field], day, pair.Value.Facts, present)))],
            [.. taken.SelectMany(pair => pair.Value.Values.Select(value => new ValueCount(pair.Key.EventType, pair.Key.Producer, value.Key.Path, value.Key.Value, value.Value, now, now)))]);
    }

    private Counts CountsOf(string eventType, string producer)
    {
        if (!_counts.TryGetValue((eventType, producer), out var counts))
        {
            var key = _counts.Count < MostPairs ? (eventType, producer) : (eventType, FactBook.Others);
            if (!_counts.TryGetValue(key, out counts))
            {
                _counts[key] = counts = new Counts(FactPlan.Of(eventType).Fields.Count);
            }
        }

        return counts;
    }

    private sealed class Counts(int fields)
    {
        private readonly Dictionary<string, int> _told = [];

        public long Facts { get; private set; }

        public long[] Present { get; } = new long[fields];

        public Dictionary<(string Path, string Value), long> Values { get; } = [];

        public void Add(FactContents contents)
        {
            Facts++;
            for (var left = contents.Present; left != 0; left &= left - 1)
            {
                Present[BitOperations.TrailingZeroCount(left)]++;
            }

            foreach (var value in contents.Values)
            {
                if (Values.TryGetValue(value, out var facts))
                {
                    Values[value] = facts + 1;
                }
                else
                {
                    AddNew(value.Path, value.Value);
                }
            }
        }

        private void AddNew(string path, string value)
        {
            var told = _told.GetValueOrDefault(path);
            var isShown = told < FieldBook.MostValues && value.Length <= MostValueChars && FactPath.Shown(value) == value;
            _told[path] = isShown ? told + 1 : told;
            var key = (path, isShown ? value : FactBook.Others);
            Values[key] = Values.GetValueOrDefault(key) + 1;
        }
    }
}
