using IntegrationHub.Hub.Configuration;

namespace IntegrationHub.Hub.Mapping;

/// <summary>Vendors' fields that are written beside those that replace them, until a day. Pure.</summary>
internal static class MigrationWindows
{
    /// <summary>The vendor's fields that hold the same and stay; empty when nothing replaces it.</summary>
    public static IReadOnlyList<string> ReplacementsOf(FieldMapping field, MappingFile mapping) =>
        [.. mapping.Fields.Where(other => other.Until is null && other.Owner == FieldOwner.Hub && other.Sources.Any(source => field.Sources.Contains(source))).Select(other => other.To)];

    /// <summary>Windows that a change of the configuration opens, moves or closes, each in a sentence.</summary>
    public static IReadOnlyList<string> Changed(HubConfiguration before, HubConfiguration after) =>
    [
        .. from mapping in after.Mappings.Values.OrderBy(static mapping => mapping.Name, StringComparer.Ordinal)
           from field in mapping.Fields
           let was = FieldOf(before, mapping.Name, field.To)
           where field.Until != was?.Until
           select (field.Until, was?.Until) switch
           {
               (null, var end) => $"mappings/{mapping.Name}.yaml: {field.To}, which was to end on {end:yyyy-MM-dd}, is written for good.",
               (var end, null) => $"mappings/{mapping.Name}.yaml: {field.To} is written until the end of {end:yyyy-MM-dd}, UTC, {Beside(field, mapping)}. Nobody is told anew when it ends, and the vendor keeps what it has there.",
               var (end, former) => $"mappings/{mapping.Name}.yaml: {field.To} is written until the end of {end:yyyy-MM-dd}, UTC, and not of {former:yyyy-MM-dd}, {Beside(field, mapping)}.",
           },
        .. from mapping in before.Mappings.Values.OrderBy(static mapping => mapping.Name, StringComparer.Ordinal)
           from field in mapping.Fields
           where field.Until is not null && after.Mappings.ContainsKey(mapping.Name) && FieldOf(after, mapping.Name, field.To) is null
           select $"mappings/{mapping.Name}.yaml: {field.To}, which was to be written until {field.Until:yyyy-MM-dd}, is written no more at once; the vendor keeps what it has there.",
    ];

    private static string Beside(FieldMapping field, MappingFile mapping) =>
        ReplacementsOf(field, mapping) is { Count: > 0 } replacements ? $"beside {string.Join(", ", replacements)}" : "and no other field holds the same then";

    private static FieldMapping? FieldOf(HubConfiguration configuration, string mapping, string field) =>
        configuration.Mappings.TryGetValue(mapping, out var file) ? file.Fields.FirstOrDefault(known => known.To == field) : null;
}
