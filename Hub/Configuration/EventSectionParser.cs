using IntegrationHub.Connectors.Abstractions;

namespace IntegrationHub.Hub.Configuration;

/// <summary>Reads the section <c>events</c> of <c>destinations/*.yaml</c>.</summary>
internal static class EventSectionParser
{
    /// <summary>Longest name of an event that a producer may state.</summary>
    private const int LongestName = 255;

    /// <summary>How the destination is told of events, by canonical name; empty when the section is absent.</summary>
    public static IReadOnlyDictionary<string, EventSection> Parse(YamlSection? section, ConnectorDescriptor connector)
    {
        var events = new Dictionary<string, EventSection>(StringComparer.Ordinal);
        foreach (var name in section?.Keys ?? [])
        {
            if (name.Length is 0 or > LongestName)
            {
                section!.Fail(name, "An event's name is empty or longer than 255 characters.", "Write the name under which producers state it, for example product_viewed.");
            }

            if (section!.Section(name) is { } route)
            {
                events[name] = ParseRoute(route);
            }
        }

        if (section is not null && !connector.Operations.ContainsKey(Operation.TrackEvent))
        {
            section.Fail(section.Line, $"{connector.DisplayName} takes no events.", "Remove the section events.");
        }
        else if (section is not null && section.Keys.Count == 0)
        {
            section.Fail(section.Line, "The section events says nothing.", "Write product_viewed: { name: NAME }, or remove it.");
        }

        return events;
    }

    private static EventSection ParseRoute(YamlSection route)
    {
        var name = route.Text("name", required: true);
        var nameProperty = route.Text("name_property");
        var properties = new Dictionary<string, string>(StringComparer.Ordinal);
        var section = route.Section("properties");
        foreach (var canonical in section?.Keys ?? [])
        {
            if (section!.Text(canonical) is not { } vendors)
            {
                continue;
            }

            if (vendors == nameProperty || properties.ContainsValue(vendors))
            {
                section.Fail(canonical, $"The property {vendors} is filled twice.", "Fill it once.");
            }

            properties[canonical] = vendors;
        }

        route.RejectUnknownKeys();
        return new EventSection(name ?? "", nameProperty, properties);
    }
}
