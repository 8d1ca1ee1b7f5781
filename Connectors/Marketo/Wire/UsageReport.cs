using System.Text.Json;

namespace IntegrationHub.Connectors.Marketo.Wire;

/// <summary>The answer of <c>stats/usage.json</c>: <c>result[0].total</c>, the calls of the day by every user of the subscription.</summary>
internal static class UsageReport
{
    /// <summary>Reads the total as the id of the one row.</summary>
    public static MarketoAnswer Total(byte[] utf8)
    {
        var answer = MarketoAnswer.Parse(utf8);
        if (answer.Failure is not null)
        {
            return answer;
        }

        using var json = JsonDocument.Parse(utf8);
        return json.RootElement.TryGetProperty("result", out var result) && result.ValueKind == JsonValueKind.Array && result.GetArrayLength() > 0
            && result[0].TryGetProperty("total", out var total) && total.TryGetInt64(out var calls)
            ? MarketoAnswer.OfRows([new(calls, RowStatus.None, null, null)])
            : MarketoAnswer.Failed(MarketoAnswer.Malformed);
    }
}
