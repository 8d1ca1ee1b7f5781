using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Destinations.Quota;

namespace Hub.Tests.Delivery.Quota;

/// <summary>A vendor that counts calls in a rolling window, exactly.</summary>
internal sealed class CountingVendor(int calls, TimeSpan window, TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly Queue<long> _log = new();

    public List<(long At, string Lane)> Admitted { get; } = [];

    public int Refused { get; private set; }

    /// <summary>Calls of somebody else on the same account that count too.</summary>
    public int Strangers { get; set; }

    /// <summary>Takes a call; false when the window is full.</summary>
    public bool Take(string lane)
    {
        lock (_lock)
        {
            var now = time.GetTimestamp();
            while (_log.TryPeek(out var first) && time.GetElapsedTime(first, now) >= window)
            {
                _log.Dequeue();
            }

            if (_log.Count + Strangers >= calls)
            {
                Refused++;
                return false;
            }

            _log.Enqueue(now);
            Admitted.Add((now, lane));
            return true;
        }
    }

    /// <summary>Calls until it is canceled, as a connector does: enter, call, report, leave.</summary>
    public async Task CallAsync(QuotaGate gate, VendorEndpoint endpoint, string lane, string limit, CancellationToken cancellationToken)
    {
        try
        {
            while (!cancellationToken.IsCancellationRequested)
            {
                using var permit = await gate.For(lane).EnterAsync(endpoint, cancellationToken);
                await Task.Yield();
                if (!Take(lane))
                {
                    permit.Report(new QuotaReading(limit, null, 0, window, Refused: true));
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The test is over.
        }
    }
}
