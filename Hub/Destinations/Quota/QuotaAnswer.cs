namespace IntegrationHub.Hub.Destinations.Quota;

/// <summary>What an instance gets for its claim.</summary>
/// <param name="Sequence">That of the claim.</param>
/// <param name="Now">The shared time.</param>
/// <param name="Tokens">By name of the limit.</param>
/// <param name="Periods">By name of the limit.</param>
internal sealed record QuotaAnswer(
    long Sequence, DateTimeOffset Now, IReadOnlyDictionary<string, TokenGrant> Tokens, IReadOnlyDictionary<string, PeriodGrant> Periods);

/// <summary>Tokens that an instance gets.</summary>
/// <param name="Lost">True when its lease had run out: what it held is somebody else's now.</param>
/// <param name="Target">Tokens that it may keep without the others wanting for them; it gives back the rest.</param>
/// <param name="Tokens">New tokens.</param>
internal sealed record TokenGrant(bool Lost, int Target, IReadOnlyList<ReturnedTokens> Tokens);

/// <summary>Calls of a period that an instance gets.</summary>
/// <param name="Period">When the current period began.</param>
/// <param name="Age">How long ago that was.</param>
/// <param name="EndsIn">When it will end.</param>
/// <param name="Slice">Calls that it may make before it asks again.</param>
/// <param name="Used">Calls of the period so far, without slices.</param>
/// <param name="Elsewhere"><see cref="PeriodBudget.Elsewhere"/>.</param>
/// <param name="OthersLeft">Calls that other instances may still make without asking, or have made without saying.</param>
/// <param name="Capacity">Calls per period.</param>
internal sealed record PeriodGrant(DateTimeOffset Period, TimeSpan Age, TimeSpan EndsIn, int Slice, long Used, long Elsewhere, long OthersLeft, long Capacity)
{
    /// <summary>Calls of the period that instances made so far, by lane.</summary>
    public IReadOnlyDictionary<string, long> UsedByLane { get; init; } = new Dictionary<string, long>();
}
