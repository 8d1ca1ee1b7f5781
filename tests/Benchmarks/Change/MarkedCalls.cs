using System.Collections.Concurrent;
using System.Text.Json;
using IntegrationHub.Benchmarks.Quota;

namespace IntegrationHub.Benchmarks.Change;

/// <summary>What Braze receives of whom, where each version of the configuration writes a mark of its own: which one began when, and whether two were under way at once.</summary>
internal sealed class MarkedCalls : IAsyncDisposable
{
    /// <summary>The field that tells the version.</summary>
    public const string Field = "config_mark";

    private const string Writes = "/users/track";
    private readonly Lock _gate = new();
    private readonly Dictionary<string, int> _latest = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<int>> _underWay = new(StringComparer.Ordinal);
    private readonly SortedDictionary<int, long> _records = [];
    private readonly ConcurrentDictionary<int, DateTimeOffset> _lastBegan = [];
    private WatchedVendor _vendor = null!;

    /// <summary>Records that began under an earlier version than a call before had for the same person.</summary>
    public long OlderAfterNewer { get; private set; }

    /// <summary>Records that began while a call with another version's was under way for the same person.</summary>
    public long TwoAtOnce { get; private set; }

    /// <summary>Records that arrived, by mark.</summary>
    public IReadOnlyDictionary<int, long> Records => _records;

    /// <summary>Where hubs call instead of the sandbox.</summary>
    public string Address => $"{_vendor.Address}/braze";

    public static async Task<MarkedCalls> StartAsync(Uri sandbox)
    {
        var calls = new MarkedCalls();
        calls._vendor = await WatchedVendor.StartAsync(sandbox, calls.Begin, calls.End);
        return calls;
    }

    /// <summary>How many records arrived so far.</summary>
    public long Count()
    {
        lock (_gate)
        {
            return _records.Values.Sum();
        }
    }

    /// <summary>When the last call with a mark before this one began; null when none did.</summary>
    public DateTimeOffset? LastBefore(int mark) => _lastBegan.Where(began => began.Key < mark).Select(began => (DateTimeOffset?)began.Value).Max();

    public ValueTask DisposeAsync() => _vendor.DisposeAsync();

    private string[] Begin(string path, string body)
    {
        var now = TimeProvider.System.GetUtcNow();
        lock (_gate)
        {
            foreach (var (person, mark) in Read(path, body))
            {
                _records[mark] = _records.GetValueOrDefault(mark) + 1;
                _lastBegan[mark] = now;
                OlderAfterNewer += mark < _latest.GetValueOrDefault(person) ? 1 : 0;
                _latest[person] = Math.Max(mark, _latest.GetValueOrDefault(person));
                if (!_underWay.TryGetValue(person, out var marks))
                {
                    _underWay[person] = marks = [];
                }

                TwoAtOnce += marks.Exists(other => other != mark) ? 1 : 0;
                marks.Add(mark);
            }
        }

        return [];
    }

    private void End(string path, string body, DateTimeOffset at)
    {
        lock (_gate)
        {
            foreach (var (person, mark) in Read(path, body))
            {
                _underWay[person].Remove(mark);
            }
        }
    }

    private static List<(string Person, int Mark)> Read(string path, string body)
    {
        if (!path.EndsWith(Writes, StringComparison.Ordinal))
        {
            return [];
        }

        using var call = JsonDocument.Parse(body);
        return call.RootElement.TryGetProperty("attributes", out var records)
            ? [.. records.EnumerateArray().Where(record => record.TryGetProperty(Field, out _)).Select(record => (record.GetProperty("external_id").GetString()!, ChangeScenario.NumberOf(record.GetProperty(Field).GetString()!)))]
            : [];
    }
}
