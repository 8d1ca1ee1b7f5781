using IntegrationHub.Hub.Configuration;

namespace IntegrationHub.Hub.Mapping;

/// <summary>What is allowed in mappings and may not be meant. Pure.</summary>
internal static class MappingWarnings
{
    /// <summary>So long before its last day it is said that a field ends: whatever reads it at the vendor has to be changed by people.</summary>
    private const int DaysAhead = 30;

    /// <summary>One sentence each, with what to write; empty when there is nothing to say.</summary>
    public static IReadOnlyList<string> Of(HubConfiguration configuration, DateTimeOffset now) =>
    [
        .. configuration.Mappings.Values.OrderBy(static mapping => mapping.Name, StringComparer.Ordinal).SelectMany(mapping => mapping.Fields.Where(field => field.IsOver(now))
            .Select(field => $"mappings/{mapping.Name}.yaml: {field.To} is written no more since the end of {field.Until:yyyy-MM-dd}, and the vendor keeps what it has there. Remove the field, or write a later day.")),
        .. configuration.Mappings.Values.OrderBy(static mapping => mapping.Name, StringComparer.Ordinal).SelectMany(mapping => mapping.Fields
            .Where(field => field.Until is { } last && !field.IsOver(now) && last.AddDays(-DaysAhead) <= DateOnly.FromDateTime(now.UtcDateTime) && MigrationWindows.ReplacementsOf(field, mapping).Count > 0)
            .Select(field => $"mappings/{mapping.Name}.yaml: {field.To} is written for the last time on {field.Until:yyyy-MM-dd}; after that {string.Join(", ", MigrationWindows.ReplacementsOf(field, mapping))} alone holds it. Let whatever reads {field.To} at the vendor read that by then (lists, workflows, reports), or write a later day.")),
        .. configuration.Mappings.Values.OrderBy(static mapping => mapping.Name, StringComparer.Ordinal).SelectMany(mapping => mapping.Fields
            .Where(field => field.Until is not null && MigrationWindows.ReplacementsOf(field, mapping).Count == 0)
            .Select(field => $"mappings/{mapping.Name}.yaml: {field.To} ends on {field.Until:yyyy-MM-dd}, and no other field is made of {field.Source}, so that the vendor would hear of it no more. Map it to the field that replaces it, or remove until.")),
    ];
}
