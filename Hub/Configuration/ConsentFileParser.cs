using IntegrationHub.Identity;

namespace IntegrationHub.Hub.Configuration;

/// <summary>Reads <c>consent.yaml</c>.</summary>
internal static class ConsentFileParser
{
    private enum Verdict
    {
        Deny,
        Allow,
    }

    public static ConsentRules Parse(ConfigurationFile file)
    {
        var regions = RegionalRuleParser.ParseRegions(file.Root);
        var purposes = new List<ConsentPurpose>();
        if (file.Root.Section("purposes", required: true) is { } section)
        {
            foreach (var name in section.Keys)
            {
                if (!ConfigurationNames.IsName(name))
                {
                    section.Fail(name, $"The purpose {name} is not a good name.", ConfigurationNames.Rule);
                }

                if (section.Section(name) is { } purpose)
                {
                    purposes.Add(
                        (purpose.Has("rules")
                            ? new ConsentPurpose(name, null, null, null) { Rules = RegionalRuleParser.Parse(purpose, regions) }
                            : new ConsentPurpose(name, ParseRule(purpose, ConsentWord.Granted), ParseRule(purpose, ConsentWord.Denied), ParseRule(purpose, "unknown")))
                        with { Channel = purpose.Text("channel") });
                    purpose.RejectUnknownKeys();
                }
            }
        }

        var suppressions = file.Root.Texts("suppressions");
        foreach (var reason in suppressions.Where(reason => !ConfigurationNames.IsName(reason)))
        {
            file.Root.Fail("suppressions", $"The reason {reason} is not a good name.", ConfigurationNames.Rule);
        }

        var controllers = file.Root.Texts("controllers");
        var gpc = ParseGpc(file.Root, regions, purposes);
        var sources = ConsentSourceParser.Parse(file.Root);
        file.Root.RejectUnknownKeys();
        return new ConsentRules(file.Version, purposes) { Sources = sources, Suppressions = suppressions, Controllers = controllers, Gpc = gpc, Text = file.Text };
    }

    private static ConsentSignal? ParseGpc(YamlSection root, IReadOnlyDictionary<string, IReadOnlyList<string>> regions, List<ConsentPurpose> purposes)
    {
        var signals = root.Section("signals");
        var gpc = signals?.Section("gpc", required: true);
        signals?.RejectUnknownKeys();
        if (gpc is null)
        {
            return null;
        }

        var denies = gpc.Texts("denies", required: true);
        foreach (var purpose in denies.Where(name => !purposes.Exists(known => known.Name == name)))
        {
            gpc.Fail("denies", $"There is no purpose {purpose}.", $"{Spelling.Hint(purpose, [.. purposes.Select(known => known.Name)])}Name one under purposes.");
        }

        var named = gpc.Texts("regions");
        foreach (var region in named.Where(name => !regions.ContainsKey(name)))
        {
            gpc.Fail("regions", $"There is no region {region}.", $"{Spelling.Hint(region, [.. regions.Keys])}Name it under regions.");
        }

        var signal = new ConsentSignal(denies, gpc.Has("regions") ? [.. named.SelectMany(name => regions.GetValueOrDefault(name) ?? [])] : null, gpc.Flag("overridable"));
        gpc.RejectUnknownKeys();
        return signal;
    }

    private static ConsentRule? ParseRule(YamlSection purpose, string state)
    {
        if (purpose.Section(state) is not { } section)
        {
            return null;
        }

        var rule = section.Text("rule", required: true);
        var verdict = section.Choice<Verdict>("decision", required: true);
        section.RejectUnknownKeys();
        return rule is null ? null : new ConsentRule(rule, verdict == Verdict.Allow);
    }
}
