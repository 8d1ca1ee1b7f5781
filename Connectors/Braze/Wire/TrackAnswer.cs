using System.Text.Json;

namespace IntegrationHub.Connectors.Braze.Wire;

/// <summary>The answer of <c>/users/track</c>.</summary>
/// <param name="Message"><c>success</c>, or a text that condemns the request; null when it is missing.</param>
/// <param name="Errors">Objects with an index, or bare texts.</param>
internal sealed record TrackAnswer(string? Message, IReadOnlyList<TrackError> Errors) : IBrazeBody
{
    public const string Success = "success";

    public bool NamesRecords => Errors.Count > 0;

    /// <exception cref="JsonException">The body is not a JSON object of the known shape.</exception>
    public static TrackAnswer Parse(ReadOnlyMemory<byte> body)
    {
        using var document = JsonDocument.Parse(body);
        var answer = Object(document);
        var errors = answer.TryGetProperty("errors"u8, out var list) && list.ValueKind == JsonValueKind.Array
            ? list.EnumerateArray().Select(TrackError.Read).ToArray()
            : [];
        return new TrackAnswer(Text(answer, "message"), errors);
    }

    /// <exception cref="JsonException">The body is something else.</exception>
    internal static JsonElement Object(JsonDocument document) => document.RootElement.ValueKind == JsonValueKind.Object
        ? document.RootElement
        : throw new JsonException("The answer is no object.");

    internal static string? Text(JsonElement element, string name)
        => element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}

/// <summary>An entry of <c>errors</c>.</summary>
/// <param name="Type">A code or a sentence; null when it is missing.</param>
/// <param name="InputArray">Which array of the request; the bulk endpoint leaves it out.</param>
/// <param name="Index">Zero-based place in that array, or null when the entry names none.</param>
internal sealed record TrackError(string? Type, string? InputArray, int? Index)
{
    public static TrackError Read(JsonElement entry)
    {
        if (entry.ValueKind != JsonValueKind.Object)
        {
            return new TrackError(entry.ValueKind == JsonValueKind.String ? entry.GetString() : null, null, null);
        }

        var index = entry.TryGetProperty("index"u8, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number)
            ? number
            : default(int?);
        return new TrackError(TrackAnswer.Text(entry, "type"), TrackAnswer.Text(entry, "input_array"), index);
    }
}
