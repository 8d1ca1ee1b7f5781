using IntegrationHub.Storage.Retention;

namespace IntegrationHub.Hub.Configuration;

/// <summary>Reads <c>facts.yaml</c>: who owns an event type, how long its facts are kept, and what service level it has.</summary>
internal static class FactsFileParser
{
    /// <summary>What is said of each event type that the file names.</summary>
    public static IReadOnlyDictionary<string, FactTypeConfiguration> Parse(ConfigurationFile file)
    {
        var types = new Dictionary<string, FactTypeConfiguration>(StringComparer.Ordinal);
        if (file.Root.Section("facts", required: true) is { } section)
        {
            foreach (var type in section.Keys)
            {
                if (!EventTypes.All.Contains(type))
                {
                    section.Fail(type, $"There is no event type {type}.", $"{Spelling.Hint(type, EventTypes.All)}Event types are: {string.Join(", ", EventTypes.All)}.");
                }

                if (section.Section(type) is { } about)
                {
                    types[type] = new FactTypeConfiguration(type, about.Text("owner"), about.Choice<FactClass>("retention") ?? FactClass.Standard, Name(about, "slo"))
                    {
                        Unplanned = about.Section("violations") is { } violations ? ViolationsSectionParser.Parse(violations) : null,
                    };
                    about.RejectUnknownKeys();
                }
            }
        }

        file.Root.RejectUnknownKeys();
        return types;
    }

    private static string? Name(YamlSection section, string key)
    {
        var name = section.Text(key);
        if (name is not null && !ConfigurationNames.IsName(name))
        {
            section.Fail(key, $"{section.PathOf(key)} is not a good name.", ConfigurationNames.Rule);
        }

        return name;
    }
}
