using System.Text.Json;

namespace IntegrationHub.Connectors.Braze.Wire;

/// <summary>A page of <c>/events</c>; which page comes next stands in a header. https://www.braze.com/docs/api/endpoints/export/custom_events/get_custom_events_data</summary>
/// <param name="Message"><c>success</c>, or why there is none; null when it is missing.</param>
/// <param name="Events">The custom events, by the alphabet.</param>
internal sealed record EventsAnswer(string? Message, IReadOnlyList<EventEntry> Events) : IBrazeBody
{
    public bool NamesRecords => false;

    /// <exception cref="JsonException">The body is not a JSON object of the known shape.</exception>
    public static EventsAnswer Parse(ReadOnlyMemory<byte> body)
    {
        using var document = JsonDocument.Parse(body);
        var answer = TrackAnswer.Object(document);
        var message = TrackAnswer.Text(answer, "message");
        if (!answer.TryGetProperty("events"u8, out var events) || events.ValueKind != JsonValueKind.Array)
        {
            return message == TrackAnswer.Success ? throw new JsonException("The answer holds no list.") : new EventsAnswer(message, []);
        }

        return new EventsAnswer(message, [.. events.EnumerateArray().Select(Read)]);
    }

    private static EventEntry Read(JsonElement entry) => new(TrackAnswer.Text(entry, "name") ?? throw new JsonException("An event has no name."), TrackAnswer.Text(entry, "status"));
}

/// <summary>A custom event of the workspace.</summary>
/// <param name="Name">Its name; upper and lower case count.</param>
/// <param name="Status"><c>Active</c> or <c>Blocklisted</c>; null when it is missing.</param>
internal sealed record EventEntry(string Name, string? Status);
