namespace IntegrationHub.Hub.Destinations.Quota;

/// <summary>The calls of a long period that this instance may make without asking. Times are ticks of a clock that never jumps. Not thread-safe.</summary>
internal sealed class LocalPeriod
{
    /// <summary>How long a budget that refuses somebody is believed before it is asked for again: another instance may know better by then.</summary>
    private static readonly TimeSpan AskAgainAfter = TimeSpan.FromSeconds(5);

    /// <summary>What a header says this soon after a period's start may be of the one before, where our clock and the vendor's differ.</summary>
    private static readonly TimeSpan Settling = TimeSpan.FromMinutes(1);

    private Dictionary<string, long> _usedByLane = [];
    private PeriodGrant? _grant;
    private IReadOnlyDictionary<string, long> _told = new Dictionary<string, long>();
    private int _left;
    private int _underWay;
    private long _askedAt = long.MinValue;
    private long _beganAt;
    private long? _elsewhere;

    /// <summary>When the period ends.</summary>
    public long EndsAt { get; private set; } = long.MinValue;

    /// <summary>Calls of the period that are known of.</summary>
    public long Used => (_grant?.Used ?? 0) + Own - _told.Values.Sum();

    /// <summary>True when all calls of the period are used, whoever asks.</summary>
    public bool IsUsedUp => _grant is { } grant && (Used >= grant.Capacity || (_left <= 0 && grant.Slice == 0));

    private long Own => _usedByLane.Values.Sum();

    /// <summary>True when the next call needs an exchange first.</summary>
    /// <param name="now">The time.</param>
    /// <param name="share">How much of the period's calls the caller may use.</param>
    public bool NeedsExchange(long now, in PeriodShare share) =>
        _grant is null || now >= EndsAt || (_left <= 0 && _grant.Slice > 0) || (IsOver(share) && now - _askedAt >= AskAgainAfter.Ticks);

    /// <summary>True when the lane may not call any more in this period.</summary>
    /// <param name="share">How much of the period's calls the lane may use.</param>
    public bool IsOver(in PeriodShare share) => IsUsedUp || IsBeyond(share);

    /// <summary>How long a lane that may not call has to wait: until the period ends, or a moment where other instances hold the last calls and may give some back.</summary>
    public TimeSpan OverFor(in PeriodShare share, long now) =>
        IsBeyond(share) || Used >= _grant!.Capacity ? TimeSpan.FromTicks(Math.Max(0, EndsAt - now)) : AskAgainAfter;

    /// <summary>Where a period counts from zero again, calls that were made before count for no lane.</summary>
    private bool IsBeyond(in PeriodShare share) => _grant is { } grant
        && (Used >= grant.Capacity * share.OfAll || (share.Own < 1 && Math.Min(Used, UsedBy(share.Lane)) >= grant.Capacity * share.Own));

    private long UsedBy(string lane) => (_grant?.UsedByLane.GetValueOrDefault(lane) ?? 0) + _usedByLane.GetValueOrDefault(lane) - _told.GetValueOrDefault(lane);

    /// <summary>Counts a call.</summary>
    public void Take(string lane)
    {
        _left--;
        _underWay++;
        _usedByLane[lane] = _usedByLane.GetValueOrDefault(lane) + 1;
    }

    /// <summary>A call ended.</summary>
    /// <param name="lane">Its lane.</param>
    /// <param name="counted">False when the vendor did not count it.</param>
    public void Leave(string lane, bool counted)
    {
        _underWay--;
        if (!counted && _usedByLane.GetValueOrDefault(lane) > 0)
        {
            _left++;
            _usedByLane[lane]--;
        }
    }

    /// <summary>The vendor says how many calls of the period are left, whoever made the others. What our own calls explain corrects nothing.</summary>
    /// <param name="remaining">Calls left.</param>
    /// <param name="of">Calls of the period by the vendor's word; null when it does not say. They may be fewer than the books know of yet, and more where the configuration leaves the hub a part.</param>
    /// <param name="now">The time.</param>
    public void Correct(long remaining, long? of, long now)
    {
        if (_grant is not { } grant || now - _beganAt < Settling.Ticks)
        {
            return;
        }

        var used = Math.Min(of ?? grant.Capacity, grant.Capacity) - remaining;
        var (least, most) = (Used - _underWay, Used + grant.OthersLeft);
        if (used > most)
        {
            _elsewhere = grant.Elsewhere + used - most;
        }
        else if (least - used > grant.Capacity / 100 && !(of > grant.Capacity))
        {
            _elsewhere = grant.Elsewhere + used - least;
        }
    }

    /// <summary>The vendor refuses calls until the period ends.</summary>
    public void UseUp()
    {
        if (_grant is { } grant)
        {
            _elsewhere = grant.Elsewhere + Math.Max(0, grant.Capacity - Used);
        }
    }

    /// <summary>The next call asks the others before it believes what they said last.</summary>
    public void Doubt() => EndsAt = long.MinValue;

    /// <summary>What to tell the others.</summary>
    public PeriodClaim Claim(bool wantsMore) => new(_grant?.Period ?? default, new Dictionary<string, long>(_usedByLane), wantsMore, _elsewhere);

    /// <summary>Takes what the others leave.</summary>
    /// <param name="claim">What was claimed.</param>
    /// <param name="grant">The answer.</param>
    /// <param name="now">The time.</param>
    public void Accept(PeriodClaim claim, PeriodGrant grant, long now)
    {
        if (grant.Period != claim.Period)
        {
            // Calls that were made while the exchange was under way belong to the new period.
            _usedByLane = _usedByLane.ToDictionary(used => used.Key, used => used.Value - claim.UsedByLane.GetValueOrDefault(used.Key));
            _told = new Dictionary<string, long>();
        }
        else
        {
            _told = claim.UsedByLane;
        }

        _elsewhere = _elsewhere == claim.Elsewhere ? null : _elsewhere;
        (_grant, _left, _askedAt) = (grant, grant.Slice - (int)(Own - _told.Values.Sum()), now);

        // Who asked for no slice got none, which says nothing about the budget: the next call asks.
        (_beganAt, EndsAt) = (now - grant.Age.Ticks, claim.WantsMore ? now + grant.EndsIn.Ticks : long.MinValue);
    }
}
