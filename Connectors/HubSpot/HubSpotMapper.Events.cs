using System.Buffers;
using System.Globalization;
using System.Text.Json;
using IntegrationHub.Connectors.Abstractions;

namespace IntegrationHub.Connectors.HubSpot;

/// <summary>Requests that record events.</summary>
internal static partial class HubSpotMapper
{
    private const int MaxEventProperties = 50;
    private const int MaxEventValue = 256;
    private const int MaxEventAddress = 1_024;

    /// <summary>
    /// Why HubSpot would refuse an event, and with it every other of the call, or null:
    /// https://developers.hubspot.com/docs/api-reference/legacy/events/send-event-data/guide
    /// </summary>
    public static string? EventFault(Behavior happened)
    {
        if (happened.Properties.Count > MaxEventProperties)
        {
            return "hubspot_event_has_too_many_properties";
        }

        return happened.Properties.Any(static property => property.Value.Kind == FieldKind.Text && property.Value.Text.Length > MaxLength(property.Name))
            ? "hubspot_event_value_too_long"
            : null;
    }

    /// <summary>The most bytes that an event can take in a body.</summary>
    public static int MaxBytes(Behavior happened)
    {
        var bytes = 240 + (6 * happened.Name.Length);
        foreach (var property in happened.Properties)
        {
            bytes += 40 + (6 * (property.Name.Length + (property.Value.Kind == FieldKind.Text ? property.Value.Text.Length : 0)));
        }

        return bytes;
    }

    /// <summary>Body of events/send/batch. The uuid is the hub's id of the event: HubSpot keeps the first of a uuid and type within a year.</summary>
    public static void WriteEvents(IBufferWriter<byte> output, IReadOnlyList<BatchItem> items, ReadOnlySpan<int> chosen, Func<int, string> contactId)
    {
        using var writer = new Utf8JsonWriter(output, Writing);
        writer.WriteStartObject();
        writer.WriteStartArray(Inputs);
        foreach (var index in chosen)
        {
            var happened = items[index].Event!;
            writer.WriteStartObject();
            writer.WriteString("eventName", happened.Name);
            writer.WriteString("objectId", contactId(index));
            writer.WriteString("occurredAt", happened.OccurredAt.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
            writer.WriteStartObject(Properties);
            foreach (var property in happened.Properties.Where(static property => property.Value.Kind != FieldKind.Null))
            {
                writer.WritePropertyName(property.Name);
                WriteValue(writer, property.Value);
            }

            writer.WriteEndObject();
            writer.WriteString("uuid", happened.Id);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static int MaxLength(string property)
        => property.EndsWith("url", StringComparison.Ordinal) || property.EndsWith("referrer", StringComparison.Ordinal) ? MaxEventAddress : MaxEventValue;
}
