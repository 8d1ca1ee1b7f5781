using System.Text.Json.Serialization;

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

    /// <summary>
    /// Calls that the vendor counts and no instance made: of strangers on the account. Below zero when the vendor counts fewer than we made,
    /// because it gave some back.
    /// </summary>
    public long Elsewhere { get; set; }

    /// <summary>What every instance used, and may use without asking.</summary>
    public Dictionary<string, InstanceCalls> Instances { get; set; } = [];

    /// <summary>Calls of the period, as far as instances or the vendor told.</summary>
    [JsonIgnore]
    public long Used => Math.Max(0, Elsewhere + Instances.Values.Sum(instance => instance.Used));

    /// <summary>Calls of the period, slices included.</summary>
    [JsonIgnore]
    public long Taken => Used + Instances.Values.Sum(instance => (long)instance.Left);

    /// <summary>Books what an instance used and gives it a new slice in place of the one that it has.</summary>
    /// <param name="instance">Who claims.</param>
    /// <param name="sequence">Number of its claim; what an earlier one says is old.</param>
    /// <param name="claim">What it used.</param>
    /// <param name="capacity">Calls per period.</param>
    /// <param name="current">The current period.</param>
    /// <param name="clock">The database's clock.</param>
    public PeriodGrant Exchange(string instance, long sequence, PeriodClaim claim, long capacity, (DateTimeOffset Start, DateTimeOffset End) current, DateTimeOffset clock)
    {
        // A clock that was set back over the period's start gives nothing twice: the later period goes on. One that was years ahead is not waited for.
        if (current.Start > Period || Period > current.End)
        {
            (Period, Elsewhere, Instances) = (current.Start, 0, []);
        }

        var own = Instances.GetValueOrDefault(instance) ?? new InstanceCalls(0, [], 0);
        if (claim.Period == Period && sequence > own.Sequence)
        {
            own = own with { UsedByLane = new Dictionary<string, long>(claim.UsedByLane) };
            Elsewhere = claim.Elsewhere ?? Elsewhere;
        }

        Instances[instance] = own = own with { Sequence = Math.Max(sequence, own.Sequence), Left = 0 };
        var othersLeft = Instances.Values.Sum(other => (long)other.Left);
        var left = capacity - Used - othersLeft;
        var sharers = Instances.Values.Count(other => other.Left > 0) + 1;
        var slice = claim.WantsMore ? (int)Math.Clamp(left / (4 * sharers), Math.Min(1, Math.Max(0, left)), LargestSlice) : 0;
        Instances[instance] = own with { Left = slice };
        var age = clock - Period;
        return new PeriodGrant(Period, age > TimeSpan.Zero ? age : TimeSpan.Zero, current.End - clock, slice, Used, Elsewhere, othersLeft, capacity)
        {
            UsedByLane = Instances.Values.SelectMany(other => other.UsedByLane).GroupBy(used => used.Key, used => used.Value).ToDictionary(lane => lane.Key, lane => lane.Sum()),
        };
    }

    /// <summary>Counts from zero again, but for what living instances may use without asking.</summary>
    public void Reopen(IReadOnlyCollection<string> living)
    {
        foreach (var (name, instance) in Instances.Where(instance => instance.Value.Left > 0 && !living.Contains(instance.Key)).ToList())
        {
            Instances[name] = instance with { Left = 0 };
        }

        Elsewhere = -Instances.Values.Sum(instance => instance.Used);
    }
}

/// <summary>An instance's calls of a period.</summary>
/// <param name="Sequence">Number of the claim that told.</param>
/// <param name="UsedByLane">Calls made, by lane.</param>
/// <param name="Left">Calls that it may make without asking.</param>
internal sealed record InstanceCalls(long Sequence, Dictionary<string, long> UsedByLane, int Left)
{
    /// <summary>Calls made.</summary>
    [JsonIgnore]
    public long Used => UsedByLane.Values.Sum();
}
