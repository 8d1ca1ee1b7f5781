using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using IntegrationHub.Connectors.Abstractions;

namespace Connectors.Tests.Conformance;

/// <summary>
/// A gate that keeps who entered and what was reported, and refuses on demand. Told of every HTTP call, it holds the two against each
/// other: a call that a rate limit covers must have entered once, before, under the endpoint that it really calls.
/// </summary>
internal sealed partial class RecordingGate(ConnectorDescriptor descriptor, Uri baseUrl) : ICallGate
{
    private readonly ConcurrentQueue<VendorEndpoint> _entered = [];
    private readonly ConcurrentQueue<(VendorEndpoint Endpoint, QuotaReading Reading)> _readings = [];
    private readonly ConcurrentQueue<string> _faults = [];
    private readonly ConcurrentDictionary<VendorEndpoint, int> _waiting = new();
    private int _open;

    public IReadOnlyCollection<VendorEndpoint> Entered => _entered;

    public IReadOnlyCollection<(VendorEndpoint Endpoint, QuotaReading Reading)> Readings => _readings;

    /// <summary>Permits that were not given back.</summary>
    public int Open => _open;

    /// <summary>What was wrong with calls and permits, permits without a call included.</summary>
    public IReadOnlyList<string> Faults
        => [.. _faults, .. _waiting.Where(pair => pair.Value > 0).Select(pair => $"{pair.Value} permits for {Name(pair.Key)} and no call")];

    /// <summary>Why a call may not be made, by the number of those that entered before it; null lets it pass.</summary>
    public Func<int, DestinationCondition?> Refuse { get; set; } = static _ => null;

    /// <summary>What happens while somebody is held back.</summary>
    public Action WhileHeld { get; init; } = static () => { };

    public ValueTask<CallPermit> EnterAsync(VendorEndpoint endpoint, CancellationToken cancellationToken)
    {
        var refusal = Refuse(_entered.Count);
        _entered.Enqueue(endpoint);
        if (!descriptor.Endpoints.Contains(endpoint))
        {
            _faults.Enqueue($"{Name(endpoint)} enters and is not declared");
        }
        else if (!IsCounted(endpoint))
        {
            _faults.Enqueue($"{Name(endpoint)} enters and no rate limit covers it");
        }

        WhileHeld();
        cancellationToken.ThrowIfCancellationRequested();
        Interlocked.Increment(ref _open);
        if (refusal is null)
        {
            _waiting.AddOrUpdate(endpoint, 1, static (_, count) => count + 1);
        }

        return ValueTask.FromResult<CallPermit>(new Permit(this, endpoint, refusal));
    }

    /// <summary>Tells of an HTTP call, before it is made.</summary>
    public void Sending(HttpRequestMessage request)
    {
        var path = request.RequestUri!.PathAndQuery[baseUrl.AbsolutePath.TrimEnd('/').Length..];
        var endpoint = descriptor.Endpoints.Where(one => one.Method == request.Method.Method && IsPathOf(one, path)).MaxBy(one => one.Path.Length);
        if (endpoint is null)
        {
            _faults.Enqueue($"{request.Method} {path} is called and not declared");
        }
        else if (IsCounted(endpoint) && !TryTake(endpoint))
        {
            _faults.Enqueue($"{Name(endpoint)} is called without a permit of its own");
        }
    }

    private bool IsCounted(VendorEndpoint endpoint) => descriptor.RateLimits.Any(limit => limit.Covers(endpoint));

    private bool TryTake(VendorEndpoint endpoint)
    {
        while (_waiting.TryGetValue(endpoint, out var count) && count > 0)
        {
            if (_waiting.TryUpdate(endpoint, count - 1, count))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>A parameter takes one segment; a switch in the declared query must be there, any other query may.</summary>
    private static bool IsPathOf(VendorEndpoint endpoint, string path)
        => Regex.IsMatch(path, $"^{Parameter().Replace(Regex.Escape(endpoint.Path), "[^/?]+")}([?&].*)?$");

    private static string Name(VendorEndpoint endpoint) => $"{endpoint.Method} {endpoint.Path}";

    [GeneratedRegex(@"\\\{[^}]*\}")]
    private static partial Regex Parameter();

    private sealed class Permit(RecordingGate gate, VendorEndpoint endpoint, DestinationCondition? refusal) : CallPermit
    {
        private int _disposed;
        private bool _wasNotCounted;

        public override DestinationCondition? Refusal => refusal;

        public override void Report(QuotaReading reading)
        {
            gate._readings.Enqueue((endpoint, reading));
            if (_disposed > 0)
            {
                gate._faults.Enqueue($"{Name(endpoint)} reports after its end");
            }
        }

        public override void NotCounted() => _wasNotCounted = true;

        protected override void Dispose(bool disposing)
        {
            if (Interlocked.Exchange(ref _disposed, 1) == 0)
            {
                Interlocked.Decrement(ref gate._open);
                if (_wasNotCounted)
                {
                    // Without credentials no call is made, which is no fault.
                    gate.TryTake(endpoint);
                }
            }

            base.Dispose(disposing);
        }
    }
}
