namespace IntegrationHub.Connectors.Sandbox.Marketo;

/// <summary>The instance's budgets: 100 calls in any 20 s, 50,000 a day until midnight US Central, 10 in flight. Thread-safe.</summary>
internal sealed class MarketoLimits(SandboxKnobs knobs, TimeProvider time)
{
    private const int PerWindow = 100;
    private const int PerDay = 50_000;
    private const int InFlight = 10;
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(20);

    private static readonly TimeZoneInfo Central = TimeZoneInfo.TryFindSystemTimeZoneById("America/Chicago", out var zone)
        ? zone
        : TimeZoneInfo.CreateCustomTimeZone("US Central", TimeSpan.FromHours(-6), null, null);

    private readonly Lock _gate = new();
    private readonly Queue<DateTimeOffset> _recent = [];
    private DateOnly _today;
    private long _usedToday;
    private int _inFlight;

    /// <summary>Calls of the day, by whatever integration.</summary>
    public long UsedToday
    {
        get
        {
            lock (_gate)
            {
                return _usedToday;
            }
        }
    }

    /// <summary>
    /// Takes a call out of the budgets and holds a place in flight until <see cref="Leave"/>. Returns the vendor's code when there is none
    /// left.
    /// </summary>
    public string? TryEnter()
    {
        var now = time.GetUtcNow();
        lock (_gate)
        {
            Forget(now);
            if (knobs.Quotas)
            {
                if (_inFlight >= InFlight)
                {
                    return "615";
                }

                if (_recent.Count >= Scaled(PerWindow))
                {
                    return "606";
                }

                if (_usedToday >= Scaled(PerDay))
                {
                    return "607";
                }
            }

            _inFlight++;
            Count(now);
            return null;
        }
    }

    public void Leave()
    {
        lock (_gate)
        {
            _inFlight--;
        }
    }

    /// <summary>Calls of other integrations of the instance, made now.</summary>
    public void Spend(int calls)
    {
        var now = time.GetUtcNow();
        lock (_gate)
        {
            Forget(now);
            for (var i = 0; i < calls; i++)
            {
                Count(now);
            }
        }
    }

    public void Reset()
    {
        lock (_gate)
        {
            _recent.Clear();
            _usedToday = 0;
        }
    }

    private void Count(DateTimeOffset now)
    {
        _usedToday++;
        if (knobs.Quotas)
        {
            _recent.Enqueue(now);
        }
    }

    private void Forget(DateTimeOffset now)
    {
        while (_recent.TryPeek(out var oldest) && oldest <= now - Window)
        {
            _recent.Dequeue();
        }

        var today = DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(now, Central).DateTime);
        if (today != _today)
        {
            (_today, _usedToday) = (today, 0);
        }
    }

    private double Scaled(int calls) => Math.Max(1, calls * knobs.QuotaScale);
}
