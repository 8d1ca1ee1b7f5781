using System.Text.Json;

namespace IntegrationHub.Connectors.Braze.Wire;

/// <summary>The answer of an endpoint that judges the request as a whole.</summary>
/// <param name="Message"><c>success</c>, or a text that condemns the request; null when it is missing.</param>
/// <param name="HasErrors">Whether there are errors; they name no record.</param>
internal sealed record PlainAnswer(string? Message, bool HasErrors) : IBrazeBody
{
    public bool NamesRecords => false;

    /// <exception cref="JsonException">The body is not a JSON object.</exception>
    public static PlainAnswer Parse(ReadOnlyMemory<byte> body)
    {
        using var document = JsonDocument.Parse(body);
        var answer = TrackAnswer.Object(document);
        var message = TrackAnswer.MessageOf(answer);
        return new PlainAnswer(message ?? (IsDeletion(answer) ? TrackAnswer.Success : null), TrackAnswer.ErrorsOf(answer).Any());
    }

    /// <summary>The answer of <c>/users/delete</c> has a count and, by its page, no message.</summary>
    private static bool IsDeletion(JsonElement answer) => answer.TryGetProperty("deleted"u8, out var count) && count.ValueKind == JsonValueKind.Number;
}
