using System.Text.Json;
using System.Text.Json.Serialization;
using IntegrationHub.Connectors.Abstractions;

namespace IntegrationHub.Hub.Destinations.Quota;

/// <summary>
/// The books of one destination's limits, as its row in the database holds them. Instances state what they hold and used; everything else follows from
/// that: what nobody holds and what does not rest is free. An instance that is silent for longer than its lease holds nothing any more. Pure.
/// </summary>
internal sealed class SharedQuota
{
    /// <summary>How long an instance may use its tokens without being heard of.</summary>
    public static readonly TimeSpan LeaseLength = TimeSpan.FromSeconds(5);

    /// <summary>The time of the books.</summary>
    public SharedTime Time { get; set; } = new();

    /// <summary>Instances that were heard of lately.</summary>
    public Dictionary<string, QuotaMember> Members { get; set; } = [];

    /// <summary>Limits per window and of concurrency, by name.</summary>
    public Dictionary<string, TokenPool> Pools { get; set; } = [];

    /// <summary>Limits of long periods, by name.</summary>
    public Dictionary<string, PeriodBudget> Budgets { get; set; } = [];

    /// <summary>Calls per window as the vendor's headers said, by name.</summary>
    public Dictionary<string, int> Told { get; set; } = [];

    /// <summary>Books a claim and gives what the instance may have.</summary>
    /// <param name="claim">The claim.</param>
    /// <param name="limits">The limits.</param>
    /// <param name="clock">The database's clock.</param>
    /// <returns>Null when the claim, or a later one of the instance, was booked before: nothing is changed, the instance claims anew.</returns>
    public QuotaAnswer? Exchange(QuotaClaim claim, QuotaLimits limits, DateTimeOffset clock)
    {
        var now = Time.Advance(clock, claim.Witness);
        Expire(limits, now);
        var isKnown = Members.TryGetValue(claim.Instance, out var member);
        if (isKnown && member!.Sequence >= claim.Sequence)
        {
            return null;
        }

        foreach (var (limit, calls) in claim.Told)
        {
            Told[limit] = calls;
        }

        Members[claim.Instance] = new QuotaMember(claim.Sequence, now + LeaseLength);
        return new QuotaAnswer(
            claim.Sequence,
            now,
            claim.Tokens.ToDictionary(entry => entry.Key, entry => Pool(entry.Key).Exchange(claim.Instance, entry.Value, Capacity(limits, entry.Key), limits.WindowOf(entry.Key), now)),
            claim.Periods.ToDictionary(entry => entry.Key, entry => Budget(entry.Key).Exchange(
                claim.Instance, claim.Sequence, entry.Value, Capacity(limits, entry.Key), limits.PeriodAt(limits.Find(entry.Key)!, clock), clock)));
    }

    /// <summary>
    /// Forgets the calls of every period that is used up, be it for one lane: somebody says that the vendor admits calls again. The vendor's
    /// headers and refusals correct it where that is wrong.
    /// </summary>
    /// <param name="limits">The limits.</param>
    /// <returns>Names of the limits.</returns>
    public IReadOnlyList<string> Reopen(QuotaLimits limits)
    {
        var share = limits.DayShares.Values.DefaultIfEmpty(1).Min();
        var reopened = Budgets.Where(budget => limits.Find(budget.Key) is not null && budget.Value.Taken >= Capacity(limits, budget.Key) * share).Select(budget => budget.Key).ToList();
        foreach (var limit in reopened)
        {
            Budgets[limit].Reopen(Members.Keys);
        }

        return reopened;
    }

    /// <summary>Calls per window: the vendor's word where there is one.</summary>
    public int Capacity(QuotaLimits limits, string limit) => Told.TryGetValue(limit, out var told) ? told : limits.Find(limit)?.Calls ?? limits.MaxConcurrency;

    /// <summary>Calls of the period that runs at a moment; 0 when nobody told of any.</summary>
    public long UsedIn(QuotaLimits limits, RateLimit limit, DateTimeOffset at) =>
        Budgets.TryGetValue(limit.Name, out var budget) && budget.Period == limits.PeriodAt(limit, at).Start ? budget.Used : 0;

    /// <summary>Reads the row. One that cannot be read (another version wrote it) is as good as none: limits start anew and headers correct them.</summary>
    public static SharedQuota Parse(string? json)
    {
        try
        {
            return json is null ? new SharedQuota() : JsonSerializer.Deserialize(json, SharedQuotaJson.Default.SharedQuota) ?? new SharedQuota();
        }
        catch (JsonException)
        {
            return new SharedQuota();
        }
    }

    /// <summary>The row's text.</summary>
    public string Write() => JsonSerializer.Serialize(this, SharedQuotaJson.Default.SharedQuota);

    private void Expire(QuotaLimits limits, DateTimeOffset now)
    {
        foreach (var (instance, member) in Members.Where(member => member.Value.ExpiresAt <= now).ToList())
        {
            Members.Remove(instance);
            foreach (var (limit, pool) in Pools)
            {
                pool.TakeBack(instance, member.ExpiresAt + limits.WindowOf(limit));
            }
        }
    }

    private TokenPool Pool(string limit) => Pools.TryGetValue(limit, out var pool) ? pool : Pools[limit] = new TokenPool();

    private PeriodBudget Budget(string limit) => Budgets.TryGetValue(limit, out var budget) ? budget : Budgets[limit] = new PeriodBudget();
}

/// <summary>An instance that was heard of.</summary>
/// <param name="Sequence">Of its last claim.</param>
/// <param name="ExpiresAt">When its tokens are taken back.</param>
internal sealed record QuotaMember(long Sequence, DateTimeOffset ExpiresAt);

[JsonSerializable(typeof(SharedQuota))]
internal sealed partial class SharedQuotaJson : JsonSerializerContext;
