namespace IntegrationHub.Hub.Destinations.Quota;

/// <summary>
/// The calls of one long period (a day, an hour), as all hub instances share them. Instances take slices in advance; a slice counts as used until its
/// instance says otherwise, so a death costs the rest of a slice and never exceeds the quota. Pure: the time is given.
/// </summary>
internal sealed class PeriodBudget
{
    private const int LargestSlice = 1_000;

    /// <summary>When the period began.</summary>
    public DateTimeOffset Period { get; set; }

    /// <summary>Calls that were made, by us or, as far as the vendor told, by anybody.</summary>
    public long Used { get; set; }

    /// <summary>Our own calls by lane.</summary>
    public Dictionary<string, long> UsedByLane { get; set; } = [];

    /// <summary>Calls that instances may still make without asking.</summary>
    public List<Slice> Slices { get; set; } = [];

    /// <summary>Books what an instance used and gives it a new slice.</summary>
    /// <param name="claim">What it used since the last time.</param>
    /// <param name="capacity">Calls per period.</param>
    /// <param name="period">When the current period began.</param>
    /// <param name="now">The shared clock.</param>
    public PeriodGrant Exchange(PeriodClaim claim, long capacity, DateTimeOffset period, DateTimeOffset now)
    {
        if (period != Period)
        {
            (Period, Used, UsedByLane, Slices) = (period, 0, [], []);
        }

        var own = Slices.Find(slice => slice.Instance == claim.Instance);
        Slices.RemoveAll(slice => slice.Instance == claim.Instance);
        foreach (var gone in Slices.Where(slice => slice.ExpiresAt <= now))
        {
            Used += gone.Left;
        }

        Slices.RemoveAll(slice => slice.ExpiresAt <= now);
        if (claim.Period == period)
        {
            foreach (var (lane, calls) in claim.UsedByLane)
            {
                UsedByLane[lane] = UsedByLane.GetValueOrDefault(lane) + calls;
            }

            // A slice that ran out in silence was counted as used already.
            Used += own is null && claim.HadSlice ? 0 : claim.UsedByLane.Values.Sum();
        }

        if (claim.UsedAtVendor is { } told && told > Used)
        {
            Used = told;
        }

        var left = capacity - Used - Slices.Sum(slice => slice.Left);
        var slice = claim.WantsMore ? (int)Math.Clamp(left / (4 * (Slices.Count + 1)), Math.Min(1, Math.Max(0, left)), LargestSlice) : 0;
        if (slice > 0)
        {
            Slices.Add(new Slice(claim.Instance, slice, now + TokenPool.LeaseLength));
        }

        return new PeriodGrant(period, slice, Used, capacity);
    }
}

/// <summary>Calls that an instance may make.</summary>
internal sealed record Slice(string Instance, int Left, DateTimeOffset ExpiresAt);

/// <summary>What an instance says of its period.</summary>
/// <param name="Instance">Who.</param>
/// <param name="Period">The period of its calls.</param>
/// <param name="UsedByLane">Calls since the last exchange.</param>
/// <param name="HadSlice">True when it made them on a slice.</param>
/// <param name="WantsMore">True when it wants a slice.</param>
/// <param name="UsedAtVendor">What the vendor said of the period's calls, or null.</param>
internal sealed record PeriodClaim(string Instance, DateTimeOffset Period, IReadOnlyDictionary<string, long> UsedByLane, bool HadSlice, bool WantsMore, long? UsedAtVendor);

/// <summary>What an instance gets.</summary>
/// <param name="Period">When the current period began.</param>
/// <param name="Slice">Calls that it may make before it asks again.</param>
/// <param name="Used">Calls of the period so far, without slices.</param>
/// <param name="Capacity">Calls per period.</param>
internal sealed record PeriodGrant(DateTimeOffset Period, int Slice, long Used, long Capacity);
