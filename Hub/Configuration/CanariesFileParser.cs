using IntegrationHub.Identity;

namespace IntegrationHub.Hub.Configuration;

/// <summary>Reads <c>canaries.yaml</c>.</summary>
internal static class CanariesFileParser
{
    private const int UsualMinutes = 60;
    private const int UsualGoal = 15;
    private const int FewestMinutes = 5;
    private const int MostMinutes = 7 * 24 * 60;

    private enum Decision
    {
        Granted,
        Denied,
    }

    /// <summary>The canaries without mistakes, with the section that each stands in.</summary>
    public static IReadOnlyList<(YamlSection Root, CanaryConfiguration Value)> Parse(ConfigurationFile file)
    {
        var canaries = new List<(YamlSection, CanaryConfiguration)>();
        if (file.Root.Section("canaries", required: true) is { } section)
        {
            foreach (var name in section.Keys)
            {
                if (!ConfigurationNames.IsName(name))
                {
                    section.Fail(name, $"{section.PathOf(name)} is not a good name.", ConfigurationNames.Rule);
                }

                if (section.Section(name) is { } about && Canary(name, about) is { } canary)
                {
                    foreach (var (_, other) in canaries)
                    {
                        RefuseSharedKeys(about, canary, other);
                    }

                    canaries.Add((about, canary));
                }
            }
        }

        file.Root.RejectUnknownKeys();
        return canaries;
    }

    private static CanaryConfiguration? Canary(string name, YamlSection about)
    {
        var (externalId, email, phone) = (about.Text("external_id", required: true), about.Text("email", required: true), about.Text("phone"));
        if (email?.Contains('@', StringComparison.Ordinal) == false)
        {
            about.Fail("email", $"{about.PathOf("email")} is no e-mail address.", "Write an address at a domain of your own, to which mail may be sent.");
        }

        var (audience, stamp) = (about.Text("audience", required: true), about.Text("stamp", required: true));
        var attributes = Texts(about, "attributes");
        if (stamp is not null && attributes.ContainsKey(stamp))
        {
            about.Fail("attributes", $"{about.PathOf("attributes")} gives {stamp} a value, which has another one on every trip.", $"Take {stamp} out of attributes, or name another attribute as stamp.");
        }

        var consents = Consents(about);
        var happening = about.Section("event");
        var (happens, properties) = happening is null ? (null, []) : (happening.Text("name", required: true), Texts(happening, "properties"));
        happening?.RejectUnknownKeys();
        var destinations = about.Texts("destinations");
        var every = about.Number("every_minutes", FewestMinutes, MostMinutes) ?? UsualMinutes;
        var goal = about.Number("shown_within_minutes", 1, every) ?? Math.Min(UsualGoal, every);
        var expected = about.Texts("expected_there");
        about.RejectUnknownKeys();
        return externalId is null || email is null || audience is null || stamp is null ? null : new CanaryConfiguration
        {
            Name = name, ExternalId = externalId, Email = email, Phone = phone, Attributes = attributes, Stamp = stamp, Consents = consents, Event = happens, EventProperties = properties, Audience = audience, Destinations = destinations,
            Every = TimeSpan.FromMinutes(every), ShownWithin = TimeSpan.FromMinutes(goal), ExpectedThere = expected,
        };
    }

    private static Dictionary<string, string> Texts(YamlSection about, string key)
    {
        var texts = new Dictionary<string, string>(StringComparer.Ordinal);
        if (about.Section(key) is { } section)
        {
            foreach (var name in section.Keys)
            {
                if (section.Text(name) is { } text)
                {
                    texts[name] = text;
                }
            }
        }

        return texts;
    }

    private static Dictionary<string, string> Consents(YamlSection about)
    {
        var consents = new Dictionary<string, string>(StringComparer.Ordinal);
        if (about.Section("consents", required: true) is { } section)
        {
            foreach (var purpose in section.Keys)
            {
                if (section.Choice<Decision>(purpose, required: true) is { } decision)
                {
                    consents[purpose] = decision == Decision.Granted ? ConsentWord.Granted : ConsentWord.Denied;
                }
            }
        }

        return consents;
    }

    private static void RefuseSharedKeys(YamlSection about, CanaryConfiguration canary, CanaryConfiguration other)
    {
        if (canary.ExternalId.Equals(other.ExternalId, StringComparison.OrdinalIgnoreCase))
        {
            about.Fail("external_id", $"The canaries {other.Name} and {canary.Name} have one external_id: they would be one person.", "Give each her own.");
        }

        if (canary.Email.Equals(other.Email, StringComparison.OrdinalIgnoreCase))
        {
            about.Fail("email", $"The canaries {other.Name} and {canary.Name} have one address: it would tell nobody.", "Give each her own.");
        }
    }
}
