using System.Text.Json;

namespace IntegrationHub.Connectors.Marketo.Wire;

/// <summary>A field of a person as <c>describe2</c> tells it.</summary>
/// <param name="Name">REST name.</param>
/// <param name="DataType">The vendor's name of its type.</param>
/// <param name="IsWritable">False when the API or the CRM synchronisation keeps it.</param>
internal sealed record LeadField(string Name, string DataType, bool IsWritable)
{
    /// <summary>Longest value, or null where the vendor tells none.</summary>
    public int? Length { get; init; }
}

/// <summary>The answer of <c>describe2</c>: the fields, and those by which people can be found.</summary>
internal sealed class LeadDescription
{
    private LeadDescription(IReadOnlyList<LeadField> fields, IReadOnlyList<string> searchable)
    {
        Fields = fields;
        Searchable = searchable;
    }

    public IReadOnlyList<LeadField> Fields { get; }

    /// <summary><c>searchableFields</c> is a list of lists, of which those with one field serve as lookup fields.</summary>
    public IReadOnlyList<string> Searchable { get; }

    public static MarketoAnswer Read(byte[] utf8)
    {
        var answer = MarketoAnswer.Parse(utf8);
        if (answer.Failure is not null)
        {
            return answer;
        }

        using var json = JsonDocument.Parse(utf8);
        if (!json.RootElement.TryGetProperty("result", out var result) || result.ValueKind != JsonValueKind.Array || result.GetArrayLength() == 0
            || !result[0].TryGetProperty("searchableFields", out var searchable) || searchable.ValueKind != JsonValueKind.Array
            || !result[0].TryGetProperty("fields", out var fields) || fields.ValueKind != JsonValueKind.Array)
        {
            return MarketoAnswer.Failed(MarketoAnswer.Malformed);
        }

        string[] keys =
        [
            .. searchable.EnumerateArray()
                .Where(names => names.ValueKind == JsonValueKind.Array && names.GetArrayLength() == 1 && names[0].ValueKind == JsonValueKind.String)
                .Select(names => names[0].GetString()!),
        ];
        return MarketoAnswer.OfContent(new LeadDescription([.. fields.EnumerateArray().Where(field => field.ValueKind == JsonValueKind.Object).Select(Field)], keys));
    }

    private static LeadField Field(JsonElement field) => new(Text(field, "name"), Text(field, "dataType"), Is(field, "updateable", true) && !Is(field, "crmManaged", false))
    {
        Length = field.TryGetProperty("length", out var length) && length.ValueKind == JsonValueKind.Number && length.TryGetInt32(out var most) ? most : null,
    };

    private static string Text(JsonElement field, string name) =>
        field.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";

    private static bool Is(JsonElement field, string name, bool otherwise) =>
        field.TryGetProperty(name, out var value) ? value.ValueKind == JsonValueKind.True : otherwise;
}
