using System.Text.Json;

namespace IntegrationHub.Connectors.Marketo.Wire;

/// <summary>An extract as the vendor tells it (https://experienceleague.adobe.com/en/docs/marketo-developer/marketo/rest/bulk-extract/bulk-extract).</summary>
/// <param name="Id"><c>exportId</c>.</param>
/// <param name="Status"><c>Created</c>, <c>Queued</c>, <c>Processing</c>, <c>Completed</c>, <c>Failed</c> or <c>Canceled</c>.</param>
/// <param name="Records"><c>numberOfRecords</c> of a completed one; null when it is not told.</param>
/// <param name="Size"><c>fileSize</c> in bytes of a completed one; null when it is not told.</param>
/// <param name="Checksum"><c>fileChecksum</c> of a completed one: <c>sha256:</c> and 64 hexadecimal digits; null when it is not told.</param>
internal sealed record ExtractJob(string Id, string Status, long? Records, long? Size, string? Checksum)
{
    public const string Created = "Created";
    public const string Queued = "Queued";
    public const string Processing = "Processing";
    public const string Completed = "Completed";

    public static MarketoAnswer Read(byte[] utf8)
    {
        var answer = MarketoAnswer.Parse(utf8);
        if (answer.Failure is not null)
        {
            return answer;
        }

        using var json = JsonDocument.Parse(utf8);
        return json.RootElement.TryGetProperty("result", out var result) && result is { ValueKind: JsonValueKind.Array } && result.GetArrayLength() > 0
            && result[0] is { ValueKind: JsonValueKind.Object } job && Text(job, "exportId") is { Length: > 0 } id && id.All(c => char.IsAsciiLetterOrDigit(c) || c == '-')
            ? MarketoAnswer.OfContent(new ExtractJob(id, Text(job, "status") ?? "", Number(job, "numberOfRecords"), Number(job, "fileSize"), Text(job, "fileChecksum")))
            : MarketoAnswer.Failed(MarketoAnswer.Malformed);
    }

    private static string? Text(JsonElement job, string name) => job.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static long? Number(JsonElement job, string name) =>
        job.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out var number) && number >= 0 ? number : null;
}
