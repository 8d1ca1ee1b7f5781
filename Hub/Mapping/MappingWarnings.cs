using IntegrationHub.Hub.Configuration;

namespace IntegrationHub.Hub.Mapping;

/// <summary>What is allowed in mappings and may not be meant. Pure.</summary>
internal static class MappingWarnings
{
    /// <summary>One sentence each, with what to write; empty when there is nothing to say.</summary>
    public static IReadOnlyList<string> Of(HubConfiguration configuration, DateTimeOffset now) =>
    [
        .. configuration.Mappings.Values.OrderBy(static mapping => mapping.Name, StringComparer.Ordinal).SelectMany(mapping => mapping.Fields.Where(field => field.IsOver(now))
            .Select(field => $"mappings/{mapping.Name}.yaml: {field.To} is written no more since the end of {field.Until:yyyy-MM-dd}, and the vendor keeps what it has there. Remove the field, or write a later day.")),
        .. configuration.Mappings.Values.OrderBy(static mapping => mapping.Name, StringComparer.Ordinal).SelectMany(mapping => mapping.Fields
            .Where(field => field.Until is not null && !field.Sources.Any(source => mapping.Fields.Any(other => other.Until is null && other.Owner == FieldOwner.Hub && other.Sources.Contains(source))))
            .Select(field => $"mappings/{mapping.Name}.yaml: {field.To} ends on {field.Until:yyyy-MM-dd}, and no other field is made of {field.Source}, so that the vendor would hear of it no more. Map it to the field that replaces it, or remove until.")),
    ];
}
