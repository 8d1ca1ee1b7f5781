namespace IntegrationHub.Connectors.Sandbox;

/// <summary>The faults of one vendor's sandbox. Thread-safe.</summary>
public sealed class Faults(int seed)
{
    private readonly Lock _gate = new();
    private readonly List<Armed> _armed = [];
    private Random _random = new(seed);
    private volatile bool _any;

    /// <summary>Adds a fault; the first one added that matches a call strikes it.</summary>
    public void Add(Fault fault)
    {
        ArgumentNullException.ThrowIfNull(fault);
        lock (_gate)
        {
            _armed.Add(new Armed(fault));
            _any = true;
        }
    }

    /// <summary>Ends all faults and starts the random choices afresh.</summary>
    public void Clear()
    {
        lock (_gate)
        {
            _armed.Clear();
            _any = false;
            _random = new Random(seed);
        }
    }

    internal FaultDraw Draw(string endpoint)
    {
        if (!_any)
        {
            return default;
        }

        var draw = default(FaultDraw);
        lock (_gate)
        {
            for (var i = 0; i < _armed.Count; i++)
            {
                var armed = _armed[i];
                if (IsTaken(draw, armed.Fault.Kind) || !Strikes(armed.Fault, endpoint))
                {
                    continue;
                }

                draw = draw.With(armed.Fault);
                if (--armed.CallsLeft == 0)
                {
                    _armed.RemoveAt(i--);
                }
            }

            _any = _armed.Count > 0;
        }

        return draw;
    }

    private static bool IsTaken(FaultDraw draw, FaultKind kind) => kind switch
    {
        FaultKind.Slow => draw.Slow is not null,
        FaultKind.RejectRecords => draw.Reject is not null,
        FaultKind.Headers => draw.Headers is not null,
        _ => draw.Main is not null,
    };

    private bool Strikes(Fault fault, string endpoint)
        => (fault.Endpoint is null || string.Equals(fault.Endpoint, endpoint, StringComparison.OrdinalIgnoreCase))
            && (fault.Kind == FaultKind.RejectRecords || fault.Probability >= 1 || _random.NextDouble() < fault.Probability);

    private sealed class Armed(Fault fault)
    {
        public Fault Fault { get; } = fault;

        public int CallsLeft { get; set; } = fault.Calls ?? int.MaxValue;
    }
}

internal readonly record struct FaultDraw(Fault? Main, Fault? Slow, Fault? Reject, Fault? Headers)
{
    public FaultDraw With(Fault fault) => fault.Kind switch
    {
        FaultKind.Slow => this with { Slow = fault },
        FaultKind.RejectRecords => this with { Reject = fault },
        FaultKind.Headers => this with { Headers = fault },
        _ => this with { Main = fault },
    };
}
