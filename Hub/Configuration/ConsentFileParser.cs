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
                    purposes.Add(new ConsentPurpose(name, ParseRule(purpose, ConsentWord.Granted), ParseRule(purpose, ConsentWord.Denied), ParseRule(purpose, "unknown")));
                    purpose.RejectUnknownKeys();
                }
            }
        }

        var sources = ConsentSourceParser.Parse(file.Root);
        file.Root.RejectUnknownKeys();
        return new ConsentRules(file.Version, purposes) { Sources = sources };
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
