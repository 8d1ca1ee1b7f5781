namespace IntegrationHub.Hub.Tests.Simulation;

/// <summary>
/// Time that passes when the history says so. Who waits for less than five seconds gets it at once, and the clock moves, also for the dead, who find out what they are; who waits longer
/// waits for <see cref="Advance"/>.
/// </summary>
internal sealed class SimulatedClock(DateTimeOffset start)
{
    private static readonly TimeSpan _atOnce = TimeSpan.FromSeconds(5);
    private readonly List<Timer> _timers = [];
    private DateTimeOffset _now = start;

    public DateTimeOffset GetUtcNow() => _now;

    public void Advance(TimeSpan length)
    {
        var end = _now + length;
        while (_timers.Where(timer => timer.Due <= end && timer.Owner.Goes).MinBy(timer => timer.Due) is { } next)
        {
            _timers.Remove(next);
            _now = next.Due > _now ? next.Due : _now;
            next.Ring();
        }

        _now = end > _now ? end : _now;
    }

    private void Set(Timer timer, TimeSpan dueTime)
    {
        _timers.Remove(timer);
        if (dueTime == Timeout.InfiniteTimeSpan)
        {
            return;
        }

        timer.Due = _now + dueTime;
        if (dueTime < _atOnce && !timer.Owner.IsHeldUp)
        {
            _now = timer.Due;
            timer.Ring();
        }
        else
        {
            _timers.Add(timer);
        }
    }

    /// <summary>The clock as one process sees it. What it waits for comes late when it is held up, and never when it is dead.</summary>
    internal sealed class OfProcess(SimulatedClock clock) : TimeProvider
    {
        public bool IsDead { get; private set; }

        /// <summary>True while the process does nothing: its timers ring when it goes on.</summary>
        public bool IsHeldUp { get; set; }

        public bool Goes => !IsDead && !IsHeldUp;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override DateTimeOffset GetUtcNow() => clock.GetUtcNow();

        public override long GetTimestamp() => clock.GetUtcNow().UtcTicks;

        public void Kill()
        {
            IsDead = true;
            clock._timers.RemoveAll(timer => timer.Owner == this);
        }

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = new Timer(clock, this, callback, state);
            timer.Change(dueTime, period);
            return timer;
        }
    }

    private sealed class Timer(SimulatedClock clock, OfProcess owner, TimerCallback callback, object? state) : ITimer
    {
        public OfProcess Owner => owner;

        public DateTimeOffset Due { get; set; }

        public void Ring() => callback(state);

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            clock.Set(this, dueTime);
            return true;
        }

        public void Dispose() => clock._timers.Remove(this);

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
