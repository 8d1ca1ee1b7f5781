namespace IntegrationHub.Hub.Configuration;

/// <summary>Reads <c>policy.yaml</c>.</summary>
internal static class PolicyFileParser
{
    public static PolicyRules Parse(ConfigurationFile file)
    {
        var attributes = new Dictionary<string, FieldClassification>(StringComparer.Ordinal);
        var section = file.Root.Section("attributes");
        foreach (var attribute in section?.Keys ?? [])
        {
            if (section!.Choice<FieldClassification>(attribute) is { } classification)
            {
                attributes[attribute] = classification;
            }
        }

        var rules = new PolicyRules(attributes, Below<IReadOnlyDictionary<string, IReadOnlyDictionary<string, FieldHandling>>>(file.Root.Section("destinations"), static destination => Below<IReadOnlyDictionary<string, FieldHandling>>(destination, Lines)));
        file.Root.RejectUnknownKeys();
        return rules;
    }

    private static Dictionary<string, FieldHandling> Lines(YamlSection purpose)
    {
        var lines = new Dictionary<string, FieldHandling>(StringComparer.Ordinal);
        foreach (var attribute in purpose.Keys)
        {
            if (purpose.Choice<FieldHandling>(attribute) is { } handling)
            {
                lines[attribute] = handling;
            }
        }

        return lines;
    }

    private static Dictionary<string, T> Below<T>(YamlSection? section, Func<YamlSection, T> read)
    {
        var parts = new Dictionary<string, T>(StringComparer.Ordinal);
        foreach (var name in section?.Keys ?? [])
        {
            if (section!.Section(name) is { } below)
            {
                parts[name] = read(below);
            }
        }

        return parts;
    }
}
