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
        var (backfillName, backfillFlag) = (route.Text("backfill_name"), route.Text("backfill_flag"));
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

        if (backfillName is not null && (backfillName == name || backfillFlag is not null))
        {
            route.Fail("backfill_name", "Events of the past are kept apart once: by a name of their own, or by a flag under the same name.", "Write another name than name, and no backfill_flag beside it.");
        }

        if (backfillFlag is not null && (backfillFlag == nameProperty || properties.ContainsValue(backfillFlag)))
        {
            route.Fail("backfill_flag", $"The property {backfillFlag} is filled twice.", "Fill it once.");
        }

        route.RejectUnknownKeys();
        return new EventSection(name ?? "", nameProperty, properties) { BackfillName = backfillName, BackfillFlag = backfillFlag };
    }
}
