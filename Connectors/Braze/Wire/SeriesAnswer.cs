using System.Globalization;
using System.Text.Json;

namespace IntegrationHub.Connectors.Braze.Wire;

/// <summary>The answer of <c>/events/data_series</c>: https://www.braze.com/docs/api/endpoints/export/custom_events/get_custom_events_analytics</summary>
/// <param name="Message"><c>success</c>, or why there is none; null when it is missing.</param>
/// <param name="Points">How often the event happened, by the hour that begins then.</param>
internal sealed record SeriesAnswer(string? Message, IReadOnlyList<(DateTimeOffset Hour, long Count)> Points) : IBrazeBody
{
    public bool NamesRecords => false;

    /// <exception cref="JsonException">The body is not a JSON object of the known shape.</exception>
    public static SeriesAnswer Parse(ReadOnlyMemory<byte> body)
    {
        using var document = JsonDocument.Parse(body);
        var answer = TrackAnswer.Object(document);
        var message = TrackAnswer.Text(answer, "message");
        if (!answer.TryGetProperty("data", out var data) || data.ValueKind != JsonValueKind.Array)
        {
            return message == TrackAnswer.Success ? throw new JsonException("The answer holds no series.") : new SeriesAnswer(message, []);
        }

        return new SeriesAnswer(message, [.. data.EnumerateArray().Select(Read)]);
    }

    private static (DateTimeOffset Hour, long Count) Read(JsonElement point)
        => TrackAnswer.Text(point, "time") is { } written && DateTimeOffset.TryParse(written, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var hour)
            && point.TryGetProperty("count", out var count) && count.TryGetInt64(out var number)
            ? (hour, number)
            : throw new JsonException("A point has no time or no count.");
}
