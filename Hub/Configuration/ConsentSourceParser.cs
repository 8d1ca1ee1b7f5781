namespace IntegrationHub.Hub.Configuration;

/// <summary>Reads <c>sources</c> of <c>consent.yaml</c>.</summary>
internal static class ConsentSourceParser
{
    private const int MaxName = 128;

    private enum Authority
    {
        Grant,
        Deny,
    }

    /// <summary>The sources, or null when the file names none.</summary>
    public static IReadOnlyList<ConsentSource>? Parse(YamlSection root)
    {
        if (root.Section("sources") is not { } section)
        {
            return null;
        }

        var sources = new List<ConsentSource>();
        foreach (var name in section.Keys)
        {
            if (string.IsNullOrWhiteSpace(name) || name.Length > MaxName)
            {
                section.Fail(name, "A source has no name, or one of more than 128 characters.", "Write the source as facts and lists name it, or \"*\" for all others.");
            }
            else if (sources.Exists(other => other.Name.Equals(name, StringComparison.OrdinalIgnoreCase)))
            {
                section.Fail(name, $"The source {name} stands twice; capitals make no difference.", "Write it once.");
            }

            if (section.Section(name) is { } source)
            {
                var may = source.Choices<Authority>("may");
                if (!source.Has("may"))
                {
                    source.Fail(section.LineOfKey(name), $"{source.PathOf("may")} is missing.", "Add may with a list of texts: may: [grant, deny], or may: [deny].");
                }

                sources.Add(new ConsentSource(name, may.Contains(Authority.Grant), source.Texts("producers")));
                source.RejectUnknownKeys();
            }
        }

        return sources;
    }
}
