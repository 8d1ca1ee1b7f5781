using System.Text.Json;

namespace IntegrationHub.Connectors.Marketo.Wire;

/// <summary>
/// The answer of <c>describe2</c>: <c>result[0].searchableFields</c> is a list of lists, of which those with one field serve as lookup
/// fields.
/// </summary>
internal static class LeadDescription
{
    public static MarketoAnswer SearchableFields(byte[] utf8)
    {
        var answer = MarketoAnswer.Parse(utf8);
        if (answer.Failure is not null)
        {
            return answer;
        }

        using var json = JsonDocument.Parse(utf8);
        if (!json.RootElement.TryGetProperty("result", out var result) || result.ValueKind != JsonValueKind.Array || result.GetArrayLength() == 0
            || !result[0].TryGetProperty("searchableFields", out var searchable) || searchable.ValueKind != JsonValueKind.Array)
        {
            return MarketoAnswer.Failed(MarketoAnswer.Malformed);
        }

        return MarketoAnswer.Of(
        [
            .. searchable.EnumerateArray()
                .Where(fields => fields.ValueKind == JsonValueKind.Array && fields.GetArrayLength() == 1 && fields[0].ValueKind == JsonValueKind.String)
                .Select(fields => new AnswerRow(0, RowStatus.None, null, fields[0].GetString())),
        ]);
    }
}
