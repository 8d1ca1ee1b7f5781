using System.Text.Json;

namespace IntegrationHub.Hub.Intake.Facts;

/// <summary>A fact as it was made of a call, still to be judged like one that arrives; or an element of a call of which none can be made. Holds personal data.</summary>
/// <param name="Body">The fact in the hub's envelope, or the element as it came.</param>
/// <param name="Defect">Why no fact can be made of the element; null for a fact.</param>
internal readonly record struct DraftedFact(ReadOnlyMemory<byte> Body, FactDefect? Defect = null)
{
    /// <summary>Nothing is known of consent.</summary>
    public static readonly IReadOnlyDictionary<string, string> NoConsent = new Dictionary<string, string>();

    /// <summary>Writes an envelope. What is null is left out: the reader of facts says what is missing.</summary>
    /// <param name="head">Id, type, time and producer.</param>
    /// <param name="subject">Keys of the person.</param>
    /// <param name="consent">What was known of consent when the call was made, by purpose; empty for nothing.</param>
    /// <param name="payload">Writes the properties of the payload.</param>
    /// <param name="destinations">Where the fact may go, by destination; null or empty when wherever it goes.</param>
    public static DraftedFact Of(
        FactHead head, IEnumerable<KeyValuePair<string, string?>> subject, IReadOnlyDictionary<string, string> consent, Action<Utf8JsonWriter> payload, IReadOnlyDictionary<string, bool>? destinations = null) =>
        new(RelaxedJson.Object(writer =>
        {
            writer.WriteString("event_id", head.EventId);
            writer.WriteString("event_type", head.EventType);
            WriteText(writer, "occurred_at", head.OccurredAt);
            writer.WriteString("producer", head.Producer);
            writer.WriteStartObject("subject");
            foreach (var (key, value) in subject.Where(key => !string.IsNullOrWhiteSpace(key.Value)))
            {
                writer.WriteString(key, value);
            }

            writer.WriteEndObject();
            if (consent.Count > 0 || destinations is { Count: > 0 })
            {
                WriteConsent(writer, consent, destinations, head);
            }

            writer.WriteStartObject("payload");
            payload(writer);
            writer.WriteEndObject();
        }));

    private static void WriteConsent(Utf8JsonWriter writer, IReadOnlyDictionary<string, string> consent, IReadOnlyDictionary<string, bool>? destinations, FactHead head)
    {
        writer.WriteStartObject("consent");
        writer.WriteStartObject("purposes");
        foreach (var (purpose, status) in consent)
        {
            writer.WriteString(purpose, status);
        }

        writer.WriteEndObject();
        writer.WriteString("source", head.Producer);
        WriteText(writer, "checked_at", head.OccurredAt);
        if (destinations is { Count: > 0 })
        {
            writer.WriteStartObject("destinations");
            foreach (var (destination, may) in destinations)
            {
                writer.WriteBoolean(destination, may);
            }

            writer.WriteEndObject();
        }

        writer.WriteEndObject();
    }

    private static void WriteText(Utf8JsonWriter writer, string name, string? value)
    {
        if (value is not null)
        {
            writer.WriteString(name, value);
        }
    }
}

/// <summary>What every envelope begins with.</summary>
/// <param name="EventId">Made of the source and the sender's id: the same on every resend.</param>
/// <param name="EventType">Type of the fact.</param>
/// <param name="OccurredAt">The sender's time, as a text; null when it says none.</param>
/// <param name="Producer">Name of the source.</param>
internal sealed record FactHead(Guid EventId, string EventType, string? OccurredAt, string Producer);
