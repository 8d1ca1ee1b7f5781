namespace IntegrationHub.Connectors.Sandbox.Braze;

/// <summary>
/// Accepted requests that are not visible yet. Each becomes visible after a delay of its own, so requests overtake each other.
/// Nothing runs in the background: whoever looks at the people applies what is due.
/// </summary>
internal sealed class BrazeQueue(BrazePeople people, SandboxKnobs knobs, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly PriorityQueue<IReadOnlyList<BrazeChange>, long> _due = new();
    private readonly Random _random = new(knobs.Seed);

    public void Add(IReadOnlyList<BrazeChange> request)
    {
        if (knobs.ApplyDelay == TimeSpan.Zero)
        {
            Apply(request);
            return;
        }

        lock (_gate)
        {
            var delay = knobs.ApplyDelay * (0.5 + _random.NextDouble());
            _due.Enqueue(request, (time.GetUtcNow() + delay).UtcTicks);
        }
    }

    public void ApplyDue()
    {
        var now = time.GetUtcNow().UtcTicks;
        lock (_gate)
        {
            while (_due.TryPeek(out var request, out var due) && due <= now)
            {
                _due.Dequeue();
                Apply(request);
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

    private void Apply(IReadOnlyList<BrazeChange> request)
    {
        foreach (var change in request)
        {
            people.Apply(change);
        }
    }
}
