using System.Globalization;
using System.Text.Json;

namespace IntegrationHub.Connectors.Braze.Wire;

/// <summary>The answer of <c>/users/track</c>.</summary>
/// <param name="Message"><c>success</c>, or a text that condemns the request; null when it is missing.</param>
/// <param name="Errors">Objects with an index, or bare texts.</param>
internal sealed record TrackAnswer(string? Message, IReadOnlyList<TrackError> Errors) : IBrazeBody
{
    public const string Success = "success";

    /// <summary>The message of a 202 while Braze is being maintained: the request is kept and will be worked on.</summary>
    private const string Queued = "queued";

    public bool NamesRecords => Errors.Count > 0;

    /// <exception cref="JsonException">The body is not a JSON object of the known shape.</exception>
    public static TrackAnswer Parse(ReadOnlyMemory<byte> body)
    {
        using var document = JsonDocument.Parse(body);
        var answer = Object(document);
        return new TrackAnswer(MessageOf(answer), [.. ErrorsOf(answer).Select(TrackError.Read)]);
    }

    /// <summary>The message of an answer to a write; what is queued for after a maintenance is taken.</summary>
    internal static string? MessageOf(JsonElement answer) => Text(answer, "message") is var message && message == Queued ? Success : message;

    /// <summary>The entries of <c>errors</c>: an array by Braze's pages. Anything else that stands there is one entry that names nobody.</summary>
    internal static IEnumerable<JsonElement> ErrorsOf(JsonElement answer)
        => !answer.TryGetProperty("errors"u8, out var errors) || errors.ValueKind is JsonValueKind.Null or JsonValueKind.False ? []
            : errors.ValueKind == JsonValueKind.Array ? errors.EnumerateArray()
            : errors.ValueKind == JsonValueKind.Object && !errors.EnumerateObject().Any() ? []
            : [errors];

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
/// <param name="Key">The identifier of the object, where the entry names it instead; null when it does not.</param>
internal sealed record TrackError(string? Type, string? InputArray, int? Index, string? Key)
{
    public static TrackError Read(JsonElement entry)
    {
        if (entry.ValueKind != JsonValueKind.Object)
        {
            return new TrackError(entry.ValueKind == JsonValueKind.String ? entry.GetString() : null, null, null, null);
        }

        var index = !entry.TryGetProperty("index"u8, out var value) ? null
            : value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) ? number
            : value.ValueKind == JsonValueKind.String && int.TryParse(value.GetString(), NumberStyles.None, CultureInfo.InvariantCulture, out var written) ? written
            : default(int?);
        return new TrackError(
            TrackAnswer.Text(entry, "type"), TrackAnswer.Text(entry, "input_array"), index, TrackAnswer.Text(entry, "external_id") ?? TrackAnswer.Text(entry, "email"));
    }
}
