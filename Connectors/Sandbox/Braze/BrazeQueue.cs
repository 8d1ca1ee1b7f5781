namespace IntegrationHub.Connectors.Sandbox.Braze;

/// <summary>
/// Accepted requests that are not visible yet. Each becomes visible after a delay of its own, so requests overtake each other.
/// Nothing runs in the background: whoever looks at the people applies what is due.
/// </summary>
internal sealed class BrazeQueue(BrazePeople people, SandboxKnobs knobs, TimeProvider time)
{
    /// <summary>Deletions and merges take longer than writes.</summary>
    public const double Slow = 4;

    private readonly Lock _gate = new();
    private readonly PriorityQueue<Action, long> _due = new();
    private readonly Random _random = new(knobs.Seed);

    public void Add(IReadOnlyList<BrazeChange> request) => Add(() =>
    {
        foreach (var change in request)
        {
            people.Apply(change);
        }
    });

    /// <summary>Adds work; <paramref name="delay"/> is a factor on the delay of writes.</summary>
    public void Add(Action apply, double delay = 1)
    {
        if (knobs.ApplyDelay == TimeSpan.Zero)
        {
            Apply(apply);
            return;
        }

        lock (_gate)
        {
            var wait = knobs.ApplyDelay * delay * (0.5 + _random.NextDouble());
            _due.Enqueue(apply, (time.GetUtcNow() + wait).UtcTicks);
        }
    }

    public void ApplyDue()
    {
        var now = time.GetUtcNow().UtcTicks;
        lock (_gate)
        {
            while (_due.TryPeek(out var apply, out var due) && due <= now)
            {
                _due.Dequeue();
                Apply(apply);
            }
        }
    }

    public bool IsEmpty()
    {
        ApplyDue();
        lock (_gate)
        {
            return _due.Count == 0;
        }
    }

    public void Clear()
    {
        lock (_gate)
        {
            _due.Clear();
        }
    }

    private void Apply(Action apply)
    {
        lock (people.Gate)
        {
            apply();
        }
    }
}
