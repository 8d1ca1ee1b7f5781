namespace IntegrationHub.Hub.Destinations.Quota;

/// <summary>
/// What an instance tells the others: what it holds and what it used, in absolute numbers, so that nothing is counted twice and nothing is lost when a
/// claim is told again after its answer got lost.
/// </summary>
internal sealed record QuotaClaim
{
    /// <summary>Who.</summary>
    public required string Instance { get; init; }

    /// <summary>Grows with every claim of the instance, so that a late one is known for what it is.</summary>
    public required long Sequence { get; init; }

    /// <summary>The last answer's time and how long that is ago; null when there was none.</summary>
    public QuotaWitness? Witness { get; init; }

    /// <summary>Limits per window and of concurrency, by name.</summary>
    public required IReadOnlyDictionary<string, TokenClaim> Tokens { get; init; }

    /// <summary>Limits of long periods, by name.</summary>
    public required IReadOnlyDictionary<string, PeriodClaim> Periods { get; init; }

    /// <summary>Calls per window as the vendor's headers said since the last time, by name of the limit.</summary>
    public required IReadOnlyDictionary<string, int> Told { get; init; }
}

/// <summary>What an instance says of its tokens.</summary>
/// <param name="Held">Tokens that it keeps, those in use included.</param>
/// <param name="Wanted">Tokens that it could use.</param>
/// <param name="Returned">Tokens that it gives back.</param>
/// <param name="Refused">True when the vendor refused a call although the instance was within its tokens.</param>
internal sealed record TokenClaim(int Held, int Wanted, IReadOnlyList<ReturnedTokens> Returned, bool Refused);

/// <summary>What an instance says of its calls of a period.</summary>
/// <param name="Period">The period.</param>
/// <param name="UsedByLane">All its calls of the period.</param>
/// <param name="WantsMore">True when it wants a slice.</param>
/// <param name="Elsewhere">What <see cref="PeriodBudget.Elsewhere"/> should be, by what the vendor told; null when it told nothing new.</param>
internal sealed record PeriodClaim(DateTimeOffset Period, IReadOnlyDictionary<string, long> UsedByLane, bool WantsMore, long? Elsewhere);

/// <summary>An instance's word on how fast time passes; wall clocks jump, its clock does not.</summary>
/// <param name="Time">The shared time of the last answer.</param>
/// <param name="Elapsed">How long ago that answer came, which is less than what has passed since it was given.</param>
internal sealed record QuotaWitness(DateTimeOffset Time, TimeSpan Elapsed);

/// <summary>Tokens that change hands; they may be used after a delay.</summary>
internal readonly record struct ReturnedTokens(TimeSpan Delay, int Count);
