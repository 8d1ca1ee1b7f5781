using System.Collections.Concurrent;
using Microsoft.Extensions.Time.Testing;

namespace Connectors.Tests;

/// <summary>Tells which timers are started, which a <see cref="FakeTimeProvider"/> keeps to itself.</summary>
internal sealed class WatchedTime : FakeTimeProvider
{
    private readonly ConcurrentQueue<TimeSpan> _timers = [];
    private readonly Action? _started;

    public WatchedTime(Action? started = null)
        : base(Clock.AtNoon().GetUtcNow()) => _started = started;

    /// <summary>How long each was set for.</summary>
    public IEnumerable<TimeSpan> Timers => _timers;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        _timers.Enqueue(dueTime);
        _started?.Invoke();
        return base.CreateTimer(callback, state, dueTime, period);
    }
}
