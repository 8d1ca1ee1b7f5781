namespace IntegrationHub.Hub.Destinations.Quota;

/// <summary>
/// The tokens of one limit, as all hub instances share them: a token is the right to one call per window. Instances hold tokens on
/// lease and reuse them without asking; here it is written who holds how many, and which rest after a call. All others are free. Pure: the time is given.
/// </summary>
internal sealed class TokenPool
{
    private const double ShareAfterRefusal = 0.75;
    private const double SmallestShare = 0.1;
    private const double ShareRegained = 0.05;

    /// <summary>Share of the capacity that is in use, 0.1 to 1: lowered when the vendor refuses although we are within the limit, since somebody else uses the account.</summary>
    public double Share { get; set; } = 1;

    /// <summary>When the share was last changed.</summary>
    public DateTimeOffset ShareAt { get; set; }

    /// <summary>Who holds tokens.</summary>
    public List<Holding> Holdings { get; set; } = [];

    /// <summary>Tokens that nobody holds and that may not be used yet.</summary>
    public List<RestingTokens> Resting { get; set; } = [];

    /// <summary>Takes what an instance gives back and gives what it may have.</summary>
    /// <param name="instance">Who claims.</param>
    /// <param name="claim">What the instance holds, wants and gives back.</param>
    /// <param name="capacity">Calls per window.</param>
    /// <param name="window">The window; zero for a limit of concurrency, whose tokens are free as soon as a call ends.</param>
    /// <param name="now">The shared time.</param>
    public TokenGrant Exchange(string instance, TokenClaim claim, int capacity, TimeSpan window, DateTimeOffset now)
    {
        Resting.RemoveAll(tokens => tokens.At <= now);
        var returned = claim.Returned.Sum(tokens => tokens.Count);
        var known = Holdings.Find(holding => holding.Instance == instance)?.Tokens ?? 0;
        var isLost = claim.Held + returned > known;
        if (isLost)
        {
            TakeBack(instance, now + window);
        }
        else
        {
            Rest(claim.Returned.Select(tokens => new RestingTokens(now + (tokens.Delay < window ? tokens.Delay : window), tokens.Count)), now);

            // What the instance does not speak of was given or taken back in an exchange whose answer got lost; it may have been used until now.
            Rest([new RestingTokens(now + window, known - claim.Held - returned)], now);
        }

        AdaptShare(claim.Refused, window, now);
        var usable = Math.Max(1, (int)(capacity * Share));
        var held = isLost ? 0 : claim.Held;
        Holdings.RemoveAll(holding => holding.Instance == instance);
        Holdings.Add(new Holding(instance, held, claim.Wanted));
        var share = FairShare(instance, usable);
        var granted = Take(share - held, usable, now);
        Holdings[^1] = Holdings[^1] with { Tokens = held + granted.Sum(tokens => tokens.Count) };
        return new TokenGrant(isLost, Math.Max(share, usable - WantedByOthers(instance, usable)), granted);
    }

    /// <summary>Takes back all that an instance holds.</summary>
    public void TakeBack(string instance, DateTimeOffset restsUntil)
    {
        foreach (var gone in Holdings.Where(holding => holding.Instance == instance && holding.Tokens > 0))
        {
            Resting.Add(new RestingTokens(restsUntil, gone.Tokens));
        }

        Holdings.RemoveAll(holding => holding.Instance == instance);
    }

    private void Rest(IEnumerable<RestingTokens> tokens, DateTimeOffset now) => Resting.AddRange(tokens.Where(some => some.Count > 0 && some.At > now));

    private void AdaptShare(bool refused, TimeSpan window, DateTimeOffset now)
    {
        var pause = window > TimeSpan.FromSeconds(1) ? window : TimeSpan.FromSeconds(1);
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

    /// <summary>Takes up to the given number of tokens: free ones, then resting ones, the earliest first. What exceeds the capacity stays where it rests.</summary>
    private List<ReturnedTokens> Take(int count, int usable, DateTimeOffset now)
    {
        var free = usable - Holdings.Sum(holding => holding.Tokens) - Resting.Sum(tokens => tokens.Count);
        var taken = new List<ReturnedTokens>();
        if (Math.Min(count, free) is var fresh and > 0)
        {
            taken.Add(new ReturnedTokens(TimeSpan.Zero, fresh));
            count -= fresh;
        }

        Resting.Sort((a, b) => a.At.CompareTo(b.At));
        count = Math.Min(count, Resting.Sum(tokens => tokens.Count) + Math.Min(0, free));
        while (count > 0)
        {
            var first = Resting[0];
            var some = Math.Min(count, first.Count);
            taken.Add(new ReturnedTokens(first.At - now, some));
            count -= some;
            if (some == first.Count)
            {
                Resting.RemoveAt(0);
            }
            else
            {
                Resting[0] = first with { Count = first.Count - some };
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
internal sealed record Holding(string Instance, int Tokens, int Wanted);

/// <summary>Tokens that may be used from a time on.</summary>
internal sealed record RestingTokens(DateTimeOffset At, int Count);
