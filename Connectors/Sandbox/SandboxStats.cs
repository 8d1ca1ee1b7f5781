using System.Collections.Concurrent;

namespace IntegrationHub.Connectors.Sandbox;

/// <summary>What a vendor's sandbox has seen since its last reset. Thread-safe.</summary>
public sealed class SandboxStats
{
    private readonly ConcurrentDictionary<string, EndpointStats> _endpoints = new(StringComparer.Ordinal);
    private int _inFlight;
    private int _maxConcurrency;
    private long _throttled;

    /// <summary>Statistics by endpoint path; endpoints that were never called are left out.</summary>
    public IReadOnlyDictionary<string, EndpointStats> Endpoints => _endpoints;

    /// <summary>Most calls in flight at one time.</summary>
    public int MaxConcurrency => _maxConcurrency;

    /// <summary>Calls that were refused because a quota was used up, whatever the vendor's way to say so: 429, or a code over 200.</summary>
    public long Throttled => _throttled;

    /// <summary>Statistics of one endpoint, all zero when it was never called.</summary>
    public EndpointStats Of(string endpoint) => _endpoints.GetOrAdd(endpoint, static _ => new EndpointStats());

    internal void Enter() => EndpointStats.Raise(ref _maxConcurrency, Interlocked.Increment(ref _inFlight));

    internal void Leave() => Interlocked.Decrement(ref _inFlight);

    internal void CountThrottled() => Interlocked.Increment(ref _throttled);

    internal void Reset()
    {
        _endpoints.Clear();
        _maxConcurrency = 0;
        _throttled = 0;
    }
}

/// <summary>What one endpoint has seen.</summary>
public sealed class EndpointStats
{
    private readonly ConcurrentDictionary<int, long> _answers = new();
    private long _calls;
    private long _records;
    private int _maxRecords;
    private int _maxBytes;

    /// <summary>Calls, faulty ones included.</summary>
    public long Calls => _calls;

    /// <summary>Records in all calls.</summary>
    public long Records => _records;

    /// <summary>Most records in one call.</summary>
    public int MaxRecords => _maxRecords;

    /// <summary>Most bytes in one request body.</summary>
    public int MaxBytes => _maxBytes;

    /// <summary>Answers by status; 0 counts calls that got none.</summary>
    public IReadOnlyDictionary<int, long> Answers => _answers;

    internal void Count(int records, int bytes, int status)
    {
        Interlocked.Increment(ref _calls);
        Interlocked.Add(ref _records, records);
        Raise(ref _maxRecords, records);
        Raise(ref _maxBytes, bytes);
        _answers.AddOrUpdate(status, 1, static (_, count) => count + 1);
    }

    internal static void Raise(ref int target, int value)
    {
        for (var seen = Volatile.Read(ref target); value > seen;)
        {
            var before = Interlocked.CompareExchange(ref target, value, seen);
            if (before == seen)
            {
                return;
            }

            seen = before;
        }
    }
}
