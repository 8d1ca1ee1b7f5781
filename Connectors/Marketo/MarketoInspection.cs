using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.Marketo.Wire;

namespace IntegrationHub.Connectors.Marketo;

/// <summary>Compares what a mapping writes with the fields that the instance has.</summary>
internal static class MarketoInspection
{
    public static IEnumerable<FieldFinding> Find(IReadOnlyList<LeadField> fields, IEnumerable<FieldUse> uses)
    {
        var byName = fields.GroupBy(field => field.Name, StringComparer.Ordinal).ToDictionary(group => group.Key, group => group.First(), StringComparer.Ordinal);
        foreach (var use in uses)
        {
            if (!byName.TryGetValue(use.Name, out var field))
            {
                yield return new(use.Name, "field_missing", "the instance has no field of this REST name", "create it in Admin, Field Management, or correct the mapping");
            }
            else if (!field.IsWritable)
            {
                yield return new(use.Name, "field_read_only", "the API or the CRM synchronisation keeps this field", "take it out of the mapping");
            }
            else if (!Takes(field.DataType, use.Kind))
            {
                yield return new(use.Name, "field_type_differs", $"the field is of type {field.DataType} and the mapping writes {use.Kind}", "map it to another type or to another field");
            }
        }
    }

    private static bool Takes(string type, FieldKind kind) => type switch
    {
        "boolean" => kind is FieldKind.Boolean or FieldKind.Null,
        "integer" or "score" or "float" or "currency" or "percent" => kind is FieldKind.Number or FieldKind.Null,
        "date" => kind is FieldKind.Date or FieldKind.Null,
        "datetime" => kind is FieldKind.Instant or FieldKind.Date or FieldKind.Null,
        "email" or "phone" or "url" => kind is FieldKind.Text or FieldKind.Null,
        _ => true,
    };
}
