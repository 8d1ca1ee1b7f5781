namespace IntegrationHub.Hub.Destinations.Quota;

/// <summary>
/// The tokens of one limit, as all hub instances share them: a token is the right to one call per window. Instances hold tokens on
/// lease and reuse them without asking; here it is written who holds how many, and when the others may be used again. Pure: the time is given.
/// </summary>
internal sealed class TokenPool
{
    /// <summary>How long an instance may use its tokens without being heard of.</summary>
    public static readonly TimeSpan LeaseLength = TimeSpan.FromSeconds(5);

    private const double ShareAfterRefusal = 0.75;
    private const double SmallestShare = 0.1;
    private const double ShareRegained = 0.05;

    /// <summary>Tokens in existence: held or free.</summary>
    public int Issued { get; set; }

    /// <summary>Share of the capacity that is in use, 0.1 to 1: lowered when the vendor refuses although we are within the limit, since somebody else uses the account.</summary>
    public double Share { get; set; } = 1;

    /// <summary>When the share was last changed.</summary>
    public DateTimeOffset ShareAt { get; set; }

    /// <summary>Who holds tokens.</summary>
    public List<Holding> Holdings { get; set; } = [];

    /// <summary>Tokens that nobody holds.</summary>
    public List<FreeTokens> Free { get; set; } = [];

    /// <summary>Takes what an instance gives back and gives what it may have.</summary>
    /// <param name="claim">What the instance holds, wants and gives back.</param>
    /// <param name="capacity">Calls per window.</param>
    /// <param name="window">The window; zero for a limit of concurrency, whose tokens are free as soon as a call ends.</param>
    /// <param name="now">The shared clock.</param>
    public TokenGrant Exchange(TokenClaim claim, int capacity, TimeSpan window, DateTimeOffset now)
    {
        Expire(window, now);
        var own = Holdings.Find(holding => holding.Instance == claim.Instance);
        var lost = own is null && (claim.Held > 0 || claim.Returned.Count > 0);
        if (!lost)
        {
            Free.AddRange(claim.Returned.Select(tokens => new FreeTokens(now + tokens.Delay, tokens.Count)));
        }

        AdaptShare(claim.Refused, window, now);
        var usable = Math.Max(1, (int)(capacity * Share));
        Resize(usable, window, now);
        var held = lost ? 0 : claim.Held;
        Holdings.RemoveAll(holding => holding.Instance == claim.Instance);
        Holdings.Add(new Holding(claim.Instance, held, claim.Wanted, now + LeaseLength));
        var share = FairShare(claim.Instance, usable);
        var granted = Take(share - held);
        var count = held + granted.Sum(tokens => tokens.Count);
        Holdings[^1] = Holdings[^1] with { Tokens = count };
        if (count == 0 && claim.Wanted == 0)
        {
            Holdings.RemoveAt(Holdings.Count - 1);
        }

        return new TokenGrant(lost, Math.Max(share, usable - WantedByOthers(claim.Instance, usable)), [.. granted.Select(tokens => new ReturnedTokens(Later(tokens.At - now), tokens.Count))]);
    }

    private static TimeSpan Later(TimeSpan delay) => delay > TimeSpan.Zero ? delay : TimeSpan.Zero;

    /// <summary>
    /// Takes back what silent instances held: used at the very end of the lease at worst. Times beyond what can be are those of a
    /// clock that was set back, and are cut.
    /// </summary>
    private void Expire(TimeSpan window, DateTimeOffset now)
    {
        var latest = now + window;
        for (var i = 0; i < Free.Count; i++)
        {
            if (Free[i].At > latest)
            {
                Free[i] = Free[i] with { At = latest };
            }
        }

        foreach (var gone in Holdings.Where(holding => holding.ExpiresAt <= now))
        {
            Free.Add(new FreeTokens(gone.ExpiresAt + window, gone.Tokens));
        }

        Holdings.RemoveAll(holding => holding.ExpiresAt <= now);
        for (var i = 0; i < Holdings.Count; i++)
        {
            if (Holdings[i].ExpiresAt > now + LeaseLength)
            {
                Holdings[i] = Holdings[i] with { ExpiresAt = now + LeaseLength };
            }
        }
    }

    private void AdaptShare(bool refused, TimeSpan window, DateTimeOffset now)
    {
        var pause = window > TimeSpan.FromSeconds(1) ? window : TimeSpan.FromSeconds(1);
        if (ShareAt > now)
        {
            ShareAt = now;
        }

        if (refused)
        {
            Share = Math.Max(SmallestShare, Share * ShareAfterRefusal);
            ShareAt = now;
        }
        else if (Share < 1 && now - ShareAt >= pause)
        {
            Share = Math.Min(1, Share + ShareRegained);
            ShareAt = now;
        }
    }

    private void Resize(int capacity, TimeSpan window, DateTimeOffset now)
    {
        if (Issued < capacity)
        {
            // The very first tokens were never used; later ones may replace tokens that were taken away a moment ago.
            Free.Add(new FreeTokens(Issued == 0 ? now : now + window, capacity - Issued));
            Issued = capacity;
        }
        else if (Issued > capacity)
        {
            Issued -= Take(Issued - capacity).Sum(tokens => tokens.Count);
        }
    }

    /// <summary>Takes up to the given number of free tokens, the earliest first.</summary>
    private List<FreeTokens> Take(int count)
    {
        var taken = new List<FreeTokens>();
        Free.Sort((a, b) => a.At.CompareTo(b.At));
        while (count > 0 && Free.Count > 0)
        {
            var first = Free[0];
            var some = Math.Min(count, first.Count);
            taken.Add(first with { Count = some });
            count -= some;
            if (some == first.Count)
            {
                Free.RemoveAt(0);
            }
            else
            {
                Free[0] = first with { Count = first.Count - some };
            }
        }

        return taken;
    }

    private int WantedByOthers(string instance, int usable) => (int)Math.Min(usable, Holdings.Where(holding => holding.Instance != instance).Sum(holding => (long)holding.Wanted));

    /// <summary>Nobody gets more than it wants, and what is left is shared evenly among those who want more.</summary>
    private int FairShare(string instance, int usable)
    {
        var left = usable;
        var hungry = Holdings.OrderBy(holding => holding.Wanted).ThenBy(holding => holding.Instance, StringComparer.Ordinal).ToList();
        for (var i = 0; i < hungry.Count; i++)
        {
            var share = Math.Min(hungry[i].Wanted, left / (hungry.Count - i));
            if (hungry[i].Instance == instance)
            {
                return share;
            }

            left -= share;
        }

        return 0;
    }
}

/// <summary>Tokens on lease.</summary>
internal sealed record Holding(string Instance, int Tokens, int Wanted, DateTimeOffset ExpiresAt);

/// <summary>Tokens that may be used from a time on.</summary>
internal sealed record FreeTokens(DateTimeOffset At, int Count);

/// <summary>Tokens that change hands; they may be used after a delay.</summary>
internal readonly record struct ReturnedTokens(TimeSpan Delay, int Count);

/// <summary>What an instance says of its tokens.</summary>
/// <param name="Instance">Who.</param>
/// <param name="Held">Tokens that it keeps, those in use included.</param>
/// <param name="Wanted">Tokens that it could use.</param>
/// <param name="Returned">Tokens that it gives back.</param>
/// <param name="Refused">True when the vendor refused a call although the instance was within its tokens.</param>
internal sealed record TokenClaim(string Instance, int Held, int Wanted, IReadOnlyList<ReturnedTokens> Returned, bool Refused);

/// <summary>What an instance gets.</summary>
/// <param name="Lost">True when its lease had run out: what it held is somebody else's now.</param>
/// <param name="Target">Tokens that it may keep without the others wanting for them; it gives back the rest.</param>
/// <param name="Tokens">New tokens.</param>
internal sealed record TokenGrant(bool Lost, int Target, IReadOnlyList<ReturnedTokens> Tokens);
