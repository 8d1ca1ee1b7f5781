using System.Collections.Concurrent;

namespace Connectors.Tests.Marketo;

/// <summary>The system's clock; keeps how long each timer was set for.</summary>
internal sealed class WatchedTime : TimeProvider
{
    private readonly ConcurrentQueue<TimeSpan> _timers = [];

    public IEnumerable<TimeSpan> Timers => _timers;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        _timers.Enqueue(dueTime);
        return base.CreateTimer(callback, state, dueTime, period);
    }
}
