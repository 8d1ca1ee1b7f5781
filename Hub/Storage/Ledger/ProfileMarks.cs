using System.Text.Json;

namespace IntegrationHub.Storage.Ledger;

/// <summary>
/// What a profile remembers of how its values came to change, among their times: of truth values that go back and forth <c>$unrest:NAME</c>, <c>$flip:NAME</c> and <c>$flips:NAME</c>, and of changes that a
/// vendor stated itself <c>$said:DESTINATION</c> and <c>$upto:DESTINATION</c>. It follows what the profile shows, so it is of no part of a person. A hub that does not know these carries them along. Pure.
/// </summary>
public static class ProfileMarks
{
    private const string UnrestPrefix = "$unrest:";
    private const string FlipPrefix = "$flip:";
    private const string FlipsPrefix = "$flips:";
    private const string SaidPrefix = "$said:";
    private const string UptoPrefix = "$upto:";

    private static readonly string[] _prefixes = [UnrestPrefix, FlipPrefix, FlipsPrefix, SaidPrefix, UptoPrefix];

    /// <summary>The times of a profile in SQL where there is such a mark among them; else null, as of most.</summary>
    internal const string InSql = $"CASE WHEN p.attributes_at LIKE '%\"{FlipPrefix}%' OR p.attributes_at LIKE '%\"{SaidPrefix}%' THEN p.attributes_at END";

    /// <summary>True of a time that belongs to no value.</summary>
    internal static bool IsMark(string name) => name.StartsWith('$') && Array.Exists(_prefixes, prefix => name.StartsWith(prefix, StringComparison.Ordinal));

    /// <summary>How truth values go back and forth, by name.</summary>
    /// <param name="timesJson">The times of a profile; null for none.</param>
    public static IReadOnlyDictionary<string, Unrest> UnrestOf(string? timesJson)
    {
        var times = Read(timesJson);
        return times.Where(time => time.Key.StartsWith(FlipPrefix, StringComparison.Ordinal)).Select(time => (Name: time.Key[FlipPrefix.Length..], At: time.Value))
            .ToDictionary(flip => flip.Name, flip => new Unrest(times.GetValueOrDefault(UnrestPrefix + flip.Name, flip.At), flip.At, (int)times.GetValueOrDefault(FlipsPrefix + flip.Name, 1)), StringComparer.Ordinal);
    }

    /// <summary>What a vendor said itself; null when others changed the profile since, or nobody did.</summary>
    /// <param name="timesJson">The times of a profile; null for none.</param>
    public static VendorsWord? WordOf(string? timesJson)
    {
        var times = Read(timesJson);
        return times.Keys.FirstOrDefault(name => name.StartsWith(SaidPrefix, StringComparison.Ordinal)) is { } said && times.TryGetValue(UptoPrefix + said[SaidPrefix.Length..], out var until)
            ? new VendorsWord(said[SaidPrefix.Length..], times[said], until)
            : null;
    }

    /// <summary>A content that remembers what became of the values since another one.</summary>
    /// <param name="before">What the profile showed.</param>
    /// <param name="after">What it shows.</param>
    /// <param name="rules">Which truth values are held while they go back and forth.</param>
    /// <param name="word">What a vendor said itself, or null.</param>
    internal static ProfileContent Carry(ProfileContent before, ProfileContent after, AttributeRules rules, VendorsWord? word)
    {
        var unrest = rules.Flapping.Count == 0 ? [] : UnrestSince(before, after, rules);
        if (unrest.Count == 0 && word is null && Read(after.AttributesAtJson).Keys.All(name => !IsMark(name)))
        {
            return after;
        }

        var times = Read(after.AttributesAtJson).Where(time => !IsMark(time.Key)).ToDictionary(time => time.Key, time => time.Value, StringComparer.Ordinal);
        foreach (var (name, of) in unrest)
        {
            (times[UnrestPrefix + name], times[FlipPrefix + name], times[FlipsPrefix + name]) = (of.SinceAt, of.LastAt, of.Changes);
        }

        if (word is not null)
        {
            (times[SaidPrefix + word.Destination], times[UptoPrefix + word.Destination]) = (word.Since, word.Until);
        }

        return after with { AttributesAtJson = ProfileMerge.WriteTimes(times) };
    }

    private static Dictionary<string, Unrest> UnrestSince(ProfileContent before, ProfileContent after, AttributeRules rules)
    {
        var known = UnrestOf(before.AttributesAtJson);
        var unrest = new Dictionary<string, Unrest>(StringComparer.Ordinal);
        using var was = JsonDocument.Parse(before.AttributesJson);
        using var isNow = JsonDocument.Parse(after.AttributesJson);
        var now = after.OccurredAt.ToUnixTimeMilliseconds();
        foreach (var (name, rule) in rules.Flapping)
        {
            if (TruthOf(isNow.RootElement, name, rule) is not { } value || TruthOf(was.RootElement, name, rule) is not { } former)
            {
                continue; // it came or went: neither goes back and forth
            }

            var of = known.GetValueOrDefault(name);
            of = value == former ? of : rule.Next(of, Read(after.AttributesAtJson).GetValueOrDefault(name, now));
            if (of.Changes > 0 && now - of.LastAt < (long)rule.Within.TotalMilliseconds)
            {
                unrest[name] = of;
            }
        }

        return unrest;
    }

    private static bool? TruthOf(JsonElement attributes, string name, FlappingRule rule) => attributes.TryGetProperty(name, out var value) ? rule.Words.TruthOf(value) : null;

    private static Dictionary<string, long> Read(string? timesJson)
    {
        var times = new Dictionary<string, long>(StringComparer.Ordinal);
        if (timesJson is not null)
        {
            ProfileMerge.ReadTimes(timesJson, times);
        }

        return times;
    }
}
