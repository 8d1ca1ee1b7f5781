using System.Collections.Immutable;

namespace IntegrationHub.Storage.Watch;

/// <summary>How long things took from being owed to being done, counted in buckets. Pure.</summary>
public sealed class LagHistogram
{
    private readonly long[] _counts = new long[Seconds.Length + 1];

    /// <summary>Upper bounds of the buckets, in seconds; one more bucket holds what took longer.</summary>
    public static ImmutableArray<int> Seconds { get; } = [1, 5, 15, 60, 300, 900, 3_600, 14_400, 86_400];

    /// <summary>How many there are, by bucket.</summary>
    public IReadOnlyList<long> Counts => _counts;

    /// <summary>How many there are.</summary>
    public long Total => _counts.Sum();

    /// <summary>Counts one.</summary>
    public void Add(TimeSpan lag)
    {
        var bucket = 0;
        while (bucket < Seconds.Length && lag.TotalSeconds > Seconds[bucket])
        {
            bucket++;
        }

        _counts[bucket]++;
    }

    /// <summary>Counts many of one bucket.</summary>
    public void Add(int bucket, long count) => _counts[bucket] += count;

    /// <summary>The time within which a share of all was done, taken as evenly spread within a bucket; null when there is none, the last bound where it took longer than that.</summary>
    /// <param name="share">From 0 to 1, as 0.95.</param>
    public TimeSpan? Quantile(double share)
    {
        var total = Total;
        if (total == 0)
        {
            return null;
        }

        var wanted = share * total;
        var before = 0L;
        for (var bucket = 0; bucket < Seconds.Length; bucket++)
        {
            if (_counts[bucket] > 0 && before + _counts[bucket] >= wanted)
            {
                var low = bucket == 0 ? 0 : Seconds[bucket - 1];
                return TimeSpan.FromSeconds(low + (Seconds[bucket] - low) * (wanted - before) / _counts[bucket]);
            }

            before += _counts[bucket];
        }

        return TimeSpan.FromSeconds(Seconds[^1]);
    }
}
