using System.Globalization;
using System.Text.Json;

namespace IntegrationHub.Connectors.Marketo.Wire;

/// <summary>An import as the vendor tells it.</summary>
/// <param name="BatchId"><c>batchId</c>.</param>
/// <param name="Status"><c>Queued</c>, <c>Importing</c>, <c>Complete</c> or <c>Failed</c>.</param>
/// <param name="Processed"><c>numOfLeadsProcessed</c>.</param>
/// <param name="Failed"><c>numOfRowsFailed</c>.</param>
/// <param name="WithWarning"><c>numOfRowsWithWarning</c>.</param>
internal sealed record ImportJob(string BatchId, string Status, int Processed, int Failed, int WithWarning)
{
    public const string Complete = "Complete";
    public const string FailedState = "Failed";

    public static MarketoAnswer Read(byte[] utf8)
    {
        var answer = MarketoAnswer.Parse(utf8);
        if (answer.Failure is not null)
        {
            return answer;
        }

        using var json = JsonDocument.Parse(utf8);
        if (!json.RootElement.TryGetProperty("result", out var result) || result.ValueKind != JsonValueKind.Array)
        {
            return MarketoAnswer.Failed(MarketoAnswer.Malformed);
        }

        return result.GetArrayLength() == 0 ? MarketoAnswer.OfRows([])
            : result[0] is { ValueKind: JsonValueKind.Object } job && Id(job) is > 0 and var id
            ? MarketoAnswer.OfContent(new ImportJob(
                id.ToString(CultureInfo.InvariantCulture), job.TryGetProperty("status", out var status) ? status.GetString() ?? "" : "",
                Number(job, "numOfLeadsProcessed"), Number(job, "numOfRowsFailed"), Number(job, "numOfRowsWithWarning")))
            : MarketoAnswer.Failed(MarketoAnswer.Malformed);
    }

    /// <summary><c>importId</c> is the same id as text.</summary>
    private static int Id(JsonElement job) =>
        Number(job, "batchId") is > 0 and var id ? id
        : job.TryGetProperty("batchId", out var text) && text.ValueKind == JsonValueKind.String && int.TryParse(text.GetString(), NumberStyles.None, CultureInfo.InvariantCulture, out var parsed) ? parsed
        : 0;

    private static int Number(JsonElement job, string name) => job.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) ? number : 0;
}
