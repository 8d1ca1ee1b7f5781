namespace IntegrationHub.Connectors.Sandbox.Marketo;

/// <summary>
/// The instance's budgets: 100 calls in any 20 s, 50,000 a day until midnight US Central, 10 in flight. A call refused by 606 or 615
/// counts for the day, as its code is not among those that the vendor excepts. Thread-safe.
/// </summary>
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
    private long _byOthers;
    private int _inFlight;
    private double _othersPerSecond;
    private DateTimeOffset _othersUntil;

    /// <summary>Calls of the day, by whatever integration.</summary>
    public long UsedToday => Today().Total;

    /// <summary>Calls a second that other integrations of the instance make from now on.</summary>
    public double OthersPerSecond
    {
        get => _othersPerSecond;
        set
        {
            lock (_gate)
            {
                Look();
                _othersPerSecond = value;
            }
        }
    }

    /// <summary>The vendor's day.</summary>
    public static DateOnly DayOf(DateTimeOffset at) => DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(at, Central).DateTime);

    public (long Total, long ByOthers, DateOnly Day) Today()
    {
        lock (_gate)
        {
            Look();
            return (_usedToday, _byOthers, _today);
        }
    }

    /// <summary>
    /// Takes a call out of the budgets and holds a place in flight until <see cref="Leave"/>. Returns the vendor's code when there is none
    /// left.
    /// </summary>
    public string? TryEnter()
    {
        lock (_gate)
        {
            var now = Look();
            if (knobs.Quotas && Refusal() is { } code)
            {
                _usedToday++;
                return code;
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

    /// <summary>Calls that are answered without <see cref="TryEnter"/>, and calls of other integrations, made now.</summary>
    public void Spend(int calls, bool byOthers)
    {
        lock (_gate)
        {
            var now = Look();
            _byOthers += byOthers ? calls : 0;
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
            (_usedToday, _byOthers, _othersPerSecond) = (0, 0, 0);
        }
    }

    private string? Refusal() =>
        _inFlight >= InFlight ? "615"
        : _recent.Count >= Scaled(PerWindow) ? "606"
        : _usedToday >= Scaled(PerDay) ? "607"
        : null;

    private void Count(DateTimeOffset at)
    {
        _usedToday++;
        if (knobs.Quotas)
        {
            _recent.Enqueue(at);
        }
    }

    /// <summary>Brings the budgets to the present: what is past is forgotten, what others called meanwhile is counted.</summary>
    private DateTimeOffset Look()
    {
        var now = time.GetUtcNow();
        var today = DayOf(now);
        if (today != _today)
        {
            (_today, _usedToday, _byOthers) = (today, 0, 0);
        }

        var calls = (int)Math.Min((now - _othersUntil).TotalSeconds * _othersPerSecond, PerDay);
        for (var i = 1; i <= calls; i++)
        {
            _byOthers++;
            Count(_othersUntil + TimeSpan.FromSeconds(i / _othersPerSecond));
        }

        _othersUntil = _othersPerSecond > 0 && calls > 0 ? _othersUntil + TimeSpan.FromSeconds(calls / _othersPerSecond) : _othersPerSecond > 0 ? _othersUntil : now;
        while (_recent.TryPeek(out var oldest) && oldest <= now - Window)
        {
            _recent.Dequeue();
        }

        return now;
    }

    private double Scaled(int calls) => Math.Max(1, calls * knobs.QuotaScale);
}
