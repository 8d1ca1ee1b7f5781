namespace IntegrationHub.Hub.Configuration;

/// <summary>Reads <c>shadows</c> of <c>ownership.yaml</c>.</summary>
internal static class ShadowsSectionParser
{
    private const string Of = "of";

    /// <summary>What the hub itself makes of lists and of vendors' words: producers that nobody calls himself.</summary>
    private static readonly string[] _made = ["list:", "vendor:"];

    /// <summary>The sources that shadow, each with the one that it shadows; empty where there is no section.</summary>
    public static IReadOnlyDictionary<string, string> Parse(YamlSection? section)
    {
        var shadows = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var source in section?.Keys ?? [])
        {
            if (section!.Section(source) is not { } about)
            {
                continue;
            }

            var shadowed = about.Text(Of, required: true);
            about.RejectUnknownKeys();
            if (_made.FirstOrDefault(prefix => source.StartsWith(prefix, StringComparison.Ordinal)) is { } made)
            {
                section.Fail(source, $"{made}… is no source that states anything by itself.", "Name the source; its lists are loaded with source=NAME, and what vendors say of opt-outs always counts.");
            }
            else if (shadowed is not null)
            {
                shadows[source] = shadowed;
            }
        }

        foreach (var (source, shadowed) in shadows)
        {
            if (source == shadowed)
            {
                section!.Section(source)!.Fail(Of, $"{source} cannot shadow itself.", "Name the source that counts.");
            }
            else if (shadows.ContainsKey(shadowed))
            {
                section!.Section(source)!.Fail(Of, $"{shadowed} is a shadow itself, so that nothing of both would count.", "Name the source that counts.");
            }
            else if (shadows.First(other => other.Value == shadowed).Key is var first && first != source)
            {
                section!.Section(source)!.Fail(Of, $"{first} shadows {shadowed} already, and only one can change places with it.", "Compare one after the other.");
            }
        }

        return shadows;
    }
}
