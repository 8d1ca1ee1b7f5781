namespace IntegrationHub.Identity;

/// <summary>
/// That facts named two keys together, between two days. Claims are a set that only grows: of two about the same keys the days are joined, so neither order nor
/// repetition matters. Personal data.
/// </summary>
/// <param name="A">The key that sorts first.</param>
/// <param name="B">The other one.</param>
/// <param name="FirstDay">Day of the first such fact, in days since 1970 (UTC).</param>
/// <param name="LastDay">Day of the last such fact.</param>
public readonly record struct IdentityClaim(PersonKey A, PersonKey B, int FirstDay, int LastDay)
{
    /// <summary>A claim of two different keys, in whatever order they are given.</summary>
    public static IdentityClaim Of(PersonKey one, PersonKey other, int day) => one.CompareTo(other) < 0 ? new(one, other, day, day) : new(other, one, day, day);

    /// <summary>The day of a moment, as claims count days.</summary>
    public static int DayOf(DateTimeOffset at) => (int)Math.Floor((at - DateTimeOffset.UnixEpoch).TotalDays);

    /// <summary>True when the other claim, about the same keys, says nothing new.</summary>
    public bool Covers(in IdentityClaim other) => FirstDay <= other.FirstDay && other.LastDay <= LastDay;

    /// <summary>This claim and another about the same keys.</summary>
    public IdentityClaim Join(in IdentityClaim other) => this with { FirstDay = Math.Min(FirstDay, other.FirstDay), LastDay = Math.Max(LastDay, other.LastDay) };
}
