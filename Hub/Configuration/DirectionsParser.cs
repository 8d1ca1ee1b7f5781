namespace IntegrationHub.Hub.Configuration;

/// <summary>Reads <c>direction</c> of an attribute in <c>ownership.yaml</c>: a word for all destinations, or a word for each.</summary>
internal static class DirectionsParser
{
    /// <summary>The key.</summary>
    public const string Key = "direction";

    /// <summary>What is said; <see cref="Directions.Unsaid"/> where nothing is.</summary>
    public static Directions Parse(YamlSection about)
    {
        if (!about.HasSection(Key))
        {
            return about.Choice<Direction>(Key) is { } everywhere ? Directions.Unsaid with { Everywhere = everywhere } : Directions.Unsaid;
        }

        var section = about.Section(Key)!;
        var named = new Dictionary<string, Direction>(StringComparer.Ordinal);
        foreach (var destination in section.Keys)
        {
            if (section.Choice<Direction>(destination) is { } direction)
            {
                named[destination] = direction;
            }
        }

        if (section.Keys.Count == 0)
        {
            about.Fail(Key, $"{about.PathOf(Key)} is empty.", "Write in, out or both, or a word for each destination, such as { hubspot: in, braze: out }.");
        }

        return new Directions(null, named);
    }
}
