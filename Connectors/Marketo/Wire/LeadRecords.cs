using System.Text.Json;

namespace IntegrationHub.Connectors.Marketo.Wire;

/// <summary>An answer whose rows are leads with the values of fields.</summary>
internal static class LeadRecords
{
    /// <summary>Reads leads: the key as the row's text, and every field that has a value as JSON text.</summary>
    public static MarketoAnswer Read(byte[] utf8, string keyField)
    {
        var answer = MarketoAnswer.Parse(utf8, keyField);
        if (answer.Failure is not null || answer.Rows.Count == 0 || !answer.HasResult)
        {
            return answer;
        }

        using var json = JsonDocument.Parse(utf8);
        var leads = json.RootElement.GetProperty("result").EnumerateArray();
        return MarketoAnswer.OfRows([.. answer.Rows.Zip(leads, (row, lead) => row with { Text = Key(lead, keyField), Fields = Values(lead) })], answer.NextPageToken);
    }

    /// <summary>The key as the vendor spells it, as text also where the field is a number.</summary>
    private static string? Key(JsonElement lead, string keyField) =>
        !lead.TryGetProperty(keyField, out var key) || key.ValueKind == JsonValueKind.Null ? null
        : key.ValueKind == JsonValueKind.String ? key.GetString() : key.GetRawText();

    private static Dictionary<string, string> Values(JsonElement lead) => lead.EnumerateObject()
        .Where(field => field.Value.ValueKind is not (JsonValueKind.Null or JsonValueKind.Undefined))
        .ToDictionary(field => field.Name, field => field.Value.GetRawText(), StringComparer.Ordinal);
}
