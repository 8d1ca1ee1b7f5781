namespace IntegrationHub.Hub.Destinations.Quota;

/// <summary>
/// The tokens that this instance holds of one limit. A token that served a call may serve the next one a window after that call was
/// answered: whenever the vendor counted it, it was not later. Times are ticks of a clock that never jumps. Not thread-safe.
/// </summary>
/// <param name="window">The window in ticks; 0 for a limit of concurrency.</param>
internal sealed class LocalTokens(long window)
{
    /// <summary>
    /// Bulk work spreads all calls evenly over the window, so that tokens come back evenly, instead of all at once after a burst: calls that
    /// were used up in three quarters of a window would leave nothing for the last quarter of every window that follows. What bulk work
    /// could not use for a moment it may make up for, up to this share of the window.
    /// </summary>
    private const double MadeUpFor = 0.05;

    /// <summary>Pressing work goes when it wants and takes its place in the schedule from bulk work, but never all of it.</summary>
    private const double PlaceOfPressing = 0.95;

    private readonly PriorityQueue<long, long> _tokens = new();
    private long _schedule = long.MinValue;
    private long _scheduleOfShare = long.MinValue;
    private int _lost;

    /// <summary>Tokens that serve calls at the moment.</summary>
    public int InUse { get; private set; }

    /// <summary>All tokens, those in use included.</summary>
    public int Held => _tokens.Count + InUse - _lost;

    /// <summary>Tokens that this instance should have, as the last exchange said.</summary>
    public int Target { get; set; }

    /// <summary>Until when the lease is good.</summary>
    public long ValidUntil { get; set; } = long.MinValue;

    /// <summary>True once the vendor refused a call although it had a token; the next exchange tells.</summary>
    public bool Refused { get; private set; }

    /// <summary>When a call may start, at the earliest; <see cref="long.MaxValue"/> when that depends on others.</summary>
    /// <param name="now">The time.</param>
    /// <param name="paced">True for work that keeps to the schedule.</param>
    /// <param name="share">Share of the pace that the call's lane may use, above 0 to 1.</param>
    public long NextAt(long now, bool paced, double share = 1)
    {
        if (now >= ValidUntil || !_tokens.TryPeek(out _, out var freeAt))
        {
            return long.MaxValue;
        }

        var scheduled = Math.Max(paced ? _schedule : long.MinValue, share < 1 ? _scheduleOfShare : long.MinValue);
        return scheduled != long.MinValue ? Math.Max(freeAt, scheduled - (long)(window * MadeUpFor)) : freeAt;
    }

    /// <summary>Tokens that serve a call or rest after one.</summary>
    public int Busy(long now) => InUse - _lost + _tokens.UnorderedItems.Count(token => token.Priority > now);

    /// <summary>Takes a token; the caller has looked at <see cref="NextAt"/>.</summary>
    public void Take(long now, bool paced, double share = 1)
    {
        _tokens.Dequeue();
        InUse++;
        var place = window / (double)Math.Max(1, Held);
        _schedule = Math.Max(now, _schedule) + (long)(place * (paced ? 1 : PlaceOfPressing));
        if (share < 1)
        {
            _scheduleOfShare = Math.Max(now, _scheduleOfShare) + (long)(place / share);
        }
    }

    /// <summary>A call ended; its token rests for a window unless the vendor did not count the call.</summary>
    public void GiveBack(long now, bool counted)
    {
        InUse--;
        if (_lost > 0)
        {
            _lost--;
            return;
        }

        Add(1, counted ? now + window : now);
    }

    /// <summary>Adds tokens from the shared pool.</summary>
    public void Add(int count, long freeAt)
    {
        for (var i = 0; i < count; i++)
        {
            _tokens.Enqueue(freeAt, freeAt);
        }
    }

    /// <summary>
    /// The vendor says how many calls are left. Where more tokens are free than that, somebody else uses the account: they rest until
    /// the vendor's window turns.
    /// </summary>
    public void Correct(int remaining, bool refused, long now, long resetsIn)
    {
        var free = new List<long>();
        while (_tokens.TryPeek(out _, out var freeAt) && freeAt <= now)
        {
            free.Add(_tokens.Dequeue());
        }

        var excess = Math.Max(0, free.Count - remaining);
        Refused |= refused;
        Add(excess, now + resetsIn);
        _tokens.EnqueueRange(free.Skip(excess).Select(freeAt => (freeAt, freeAt)));
    }

    /// <summary>Takes tokens out to give them to others, those first that can be used first. Their times are rounded up to a hundredth of the window, which keeps the shared row short.</summary>
    public IReadOnlyList<ReturnedTokens> Release(int count, long now)
    {
        var step = Math.Max(1, window / 100);
        var released = new Dictionary<long, int>();
        while (count-- > 0 && _tokens.TryDequeue(out _, out var freeAt))
        {
            var delay = (Math.Max(0, freeAt - now) + step - 1) / step * step;
            released[delay] = released.GetValueOrDefault(delay) + 1;
        }

        return [.. released.Select(tokens => new ReturnedTokens(TimeSpan.FromTicks(tokens.Key), tokens.Value))];
    }

    /// <summary>The lease ran out: every token is somebody else's, also those of calls that are still under way.</summary>
    public void Lose()
    {
        _tokens.Clear();
        _lost = InUse;
    }

    /// <summary>A refusal was told.</summary>
    public void ForgetRefusal() => Refused = false;
}
