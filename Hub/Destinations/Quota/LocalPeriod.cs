namespace IntegrationHub.Hub.Destinations.Quota;

/// <summary>The calls of a long period that this instance may make without asking. Not thread-safe.</summary>
internal sealed class LocalPeriod
{
    private Dictionary<string, long> _usedByLane = [];
    private PeriodGrant? _grant;
    private int _left;
    private bool _hadSlice;
    private long? _usedAtVendor;

    /// <summary>When the period ends, in ticks of a clock that never jumps.</summary>
    public long EndsAt { get; private set; } = long.MinValue;

    /// <summary>True when the next call needs an exchange first.</summary>
    public bool NeedsExchange(long now) => now >= EndsAt || (_left == 0 && _grant!.Slice > 0);

    /// <summary>Calls of the period that are known of.</summary>
    public long Used => (_grant?.Used ?? 0) + _usedByLane.Values.Sum();

    /// <summary>True when the lane may not call any more in this period.</summary>
    /// <param name="share">Share of the period's calls after which the lane is refused, 0 to 1.</param>
    public bool IsOver(double share) => _grant is { } grant && (Used >= grant.Capacity * share || (_left == 0 && grant.Slice == 0));

    /// <summary>Counts a call.</summary>
    public void Take(string lane)
    {
        _left--;
        _usedByLane[lane] = _usedByLane.GetValueOrDefault(lane) + 1;
    }

    /// <summary>The vendor did not count it.</summary>
    public void GiveBack(string lane)
    {
        if (_usedByLane.GetValueOrDefault(lane) > 0)
        {
            _left++;
            _usedByLane[lane]--;
        }
    }

    /// <summary>The vendor says how many calls of the period were made, by whomever.</summary>
    public void Correct(long used) => _usedAtVendor = used;

    /// <summary>What to tell the others; the counts start anew.</summary>
    public PeriodClaim Claim(string instance, bool wantsMore)
    {
        var claim = new PeriodClaim(instance, _grant?.Period ?? default, _usedByLane, _hadSlice, wantsMore, _usedAtVendor);
        (_usedByLane, _usedAtVendor) = ([], null);
        return claim;
    }

    /// <summary>The exchange failed: what was claimed is claimed again next time.</summary>
    public void Restore(PeriodClaim claim)
    {
        foreach (var (lane, calls) in claim.UsedByLane)
        {
            _usedByLane[lane] = _usedByLane.GetValueOrDefault(lane) + calls;
        }

        _usedAtVendor ??= claim.UsedAtVendor;
    }

    /// <summary>Takes what the others leave.</summary>
    /// <param name="grant">The slice.</param>
    /// <param name="endsAt">When its period ends.</param>
    public void Accept(PeriodGrant grant, long endsAt)
    {
        EndsAt = endsAt;
        // Calls that were made while the exchange was under way belong to the new slice.
        (_grant, _left, _hadSlice) = (grant, Math.Max(0, grant.Slice - (int)_usedByLane.Values.Sum()), grant.Slice > 0);
    }
}
