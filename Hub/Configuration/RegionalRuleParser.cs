using System.Text.RegularExpressions;
using IntegrationHub.Identity;

namespace IntegrationHub.Hub.Configuration;

/// <summary>Reads <c>regions</c> of <c>consent.yaml</c>, and the rules of a purpose that name them.</summary>
internal static partial class RegionalRuleParser
{
    private enum Verdict
    {
        Deny,
        Allow,
    }

    private enum Need
    {
        Evidence,
    }

    /// <summary>Countries and states by the name of their region; empty when the file names none.</summary>
    public static IReadOnlyDictionary<string, IReadOnlyList<string>> ParseRegions(YamlSection root)
    {
        var regions = new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal);
        if (root.Section("regions") is not { } section)
        {
            return regions;
        }

        foreach (var name in section.Keys)
        {
            var places = section.Texts(name, required: true);
            foreach (var place in places.Where(place => !Place().IsMatch(place) || !CountryCode.Known.Contains(place[..2])))
            {
                section.Fail(name, $"{section.PathOf(name)} cannot hold {place}.", "Write countries as the two capital letters of ISO 3166, for example AT, and states as US-CA. In YAML put NO in quotes.");
            }

            regions[name] = places;
        }

        return regions;
    }

    /// <summary>The rules of a purpose in their order.</summary>
    public static IReadOnlyList<RegionalRule> Parse(YamlSection purpose, IReadOnlyDictionary<string, IReadOnlyList<string>> regions)
    {
        var rules = new List<RegionalRule>();
        foreach (var section in purpose.Sections("rules", required: true))
        {
            var (name, region) = (section.Text("name", required: true), section.Text("region"));
            if (region is not null && !regions.ContainsKey(region))
            {
                section.Fail("region", $"There is no region {region}.", $"{Spelling.Hint(region, [.. regions.Keys])}{(regions.Count == 0 ? "Name it under regions" : $"Known: {string.Join(", ", regions.Keys)}")}.");
            }

            var rule = new RegionalRule(
                name ?? "", region is null ? null : regions.GetValueOrDefault(region) ?? [], IsAllowed(section, ConsentWord.Granted), IsAllowed(section, ConsentWord.Denied), IsAllowed(section, "unknown"))
            {
                Region = region,
                Basis = section.Text("basis"),
                Expires = Life(section),
                NeedsEvidence = section.Choices<Need>("needs").Count > 0,
            };
            if (rules.Find(earlier => earlier.Places is null) is { } everywhere)
            {
                section.Fail("name", $"The rule {name} never decides: {everywhere.Name} before it holds everywhere.", "Write the rule without a region last.");
            }

            section.RejectUnknownKeys();
            rules.Add(rule);
        }

        return rules;
    }

    private static bool IsAllowed(YamlSection section, string state) => section.Choice<Verdict>(state, required: true) == Verdict.Allow;

    private static GrantLife? Life(YamlSection section)
    {
        if (section.Text("expires") is not { } text)
        {
            return null;
        }

        if (GrantLife.TryParse(text, out var life))
        {
            return life;
        }

        section.Fail("expires", $"{section.PathOf("expires")} cannot be {text}.", "Write days, months or years: 730d, 24mo, 2y.");
        return null;
    }

    [GeneratedRegex(@"\A[A-Z]{2}(-[A-Z0-9]{1,3})?\z")]
    private static partial Regex Place();
}
