namespace IntegrationHub.Connectors.Sandbox;

/// <summary>A call budget per window of fixed length, aligned to the clock. Thread-safe.</summary>
public sealed class CallQuota(int calls, TimeSpan window, SandboxKnobs knobs, TimeProvider time)
{
    private readonly Lock _gate = new();
    private long _window;
    private int _used;

    /// <summary>Calls per window, scaled.</summary>
    public int Limit => (int)Math.Clamp(calls * knobs.QuotaScale, 1, int.MaxValue);

    /// <summary>Takes a call out of the budget. Always true while quotas are off.</summary>
    /// <param name="remaining">Calls left in the window.</param>
    /// <param name="resetsAt">When the next window starts.</param>
    public bool TryTake(out int remaining, out DateTimeOffset resetsAt)
    {
        var now = time.GetUtcNow().UtcTicks;
        var current = now / window.Ticks;
        resetsAt = new DateTimeOffset((current + 1) * window.Ticks, TimeSpan.Zero);
        var limit = Limit;
        lock (_gate)
        {
            if (_window != current)
            {
                _window = current;
                _used = 0;
            }

            if (_used >= limit && knobs.Quotas)
            {
                remaining = 0;
                return false;
            }

            _used++;
            remaining = Math.Max(0, limit - _used);
            return true;
        }
    }

    /// <summary>Gives the whole budget back.</summary>
    public void Reset()
    {
        lock (_gate)
        {
            _used = 0;
        }
    }
}
