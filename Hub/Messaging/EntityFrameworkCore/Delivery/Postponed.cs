namespace MassTransit.EntityFrameworkCoreIntegration.Delivery;

/// <summary>What failed to be sent and rests until its next try, so that it neither blocks others nor is tried in a hot loop.</summary>
internal sealed class Postponed(TimeProvider clock, TimeSpan first, TimeSpan longest)
{
    private readonly Dictionary<Guid, (int Failures, DateTimeOffset Until)> _items = [];

    public void Add(Guid id)
    {
        var failures = _items.TryGetValue(id, out var item) ? item.Failures + 1 : 0;
        _items[id] = (failures, clock.GetUtcNow() + Backoff.Pause(first, longest, failures));
    }

    public void Remove(Guid id) => _items.Remove(id);

    /// <summary>The ids that must rest now.</summary>
    public Guid[] Resting()
    {
        var now = clock.GetUtcNow();
        foreach (var gone in _items.Where(x => x.Value.Until + (longest * 2) < now).Select(x => x.Key).ToList())
            _items.Remove(gone);
        return [.. _items.Where(x => x.Value.Until > now).Select(x => x.Key)];
    }

    /// <summary>The shorter of the given time and the time until the first id may be tried again.</summary>
    public TimeSpan AtMost(TimeSpan wait)
    {
        var now = clock.GetUtcNow();
        foreach (var (_, until) in _items.Values)
        {
            if (until > now && until - now < wait)
                wait = until - now;
        }

        return wait;
    }
}
