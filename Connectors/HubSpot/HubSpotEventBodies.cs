using System.Buffers;
using System.Globalization;
using System.Text.Json;
using IntegrationHub.Connectors.Abstractions;

namespace IntegrationHub.Connectors.HubSpot;

/// <summary>Writes the body of the request that records events. Pure.</summary>
internal static class HubSpotEventBodies
{
    private const int MaxProperties = 50;
    private const int MaxValue = 256;
    private const int MaxAddress = 1_024;

    /// <summary>
    /// Why HubSpot would refuse an event, and with it every other of the call, or null:
    /// https://developers.hubspot.com/docs/api-reference/legacy/events/send-event-data/guide
    /// </summary>
    public static string? FaultOf(Behavior happened)
    {
        var properties = PropertiesOf(happened).ToList();
        if (properties.Count > MaxProperties)
        {
            return "hubspot_event_has_too_many_properties";
        }

        return properties.Exists(static property => property.Value.Kind == FieldKind.Text && property.Value.Text.Length > MaxLength(property.Name))
            ? "hubspot_event_value_too_long"
            : null;
    }

    /// <summary>The most bytes that an event can take in a body.</summary>
    public static int MaxBytes(Behavior happened)
    {
        var bytes = 240 + (6 * happened.Name.Length);
        foreach (var property in PropertiesOf(happened))
        {
            bytes += 40 + (6 * (property.Name.Length + (property.Value.Kind == FieldKind.Text ? property.Value.Text.Length : 0)));
        }

        return bytes;
    }

    /// <summary>Body of events/send/batch. The uuid is the hub's id of the event: HubSpot keeps the first of a uuid and type within a year.</summary>
    public static void Write(IBufferWriter<byte> output, IReadOnlyList<BatchItem> items, ReadOnlySpan<int> chosen, Func<int, string> contactId)
    {
        using var writer = new Utf8JsonWriter(output, HubSpotMapper.Writing);
        writer.WriteStartObject();
        writer.WriteStartArray(HubSpotMapper.Inputs);
        foreach (var index in chosen)
        {
            var happened = items[index].Event!;
            writer.WriteStartObject();
            writer.WriteString("eventName", happened.Name);
            writer.WriteString("objectId", contactId(index));
            writer.WriteString("occurredAt", happened.OccurredAt.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
            writer.WriteStartObject(HubSpotMapper.Properties);
            foreach (var property in PropertiesOf(happened).Where(static property => property.Value.Kind != FieldKind.Null))
            {
                writer.WritePropertyName(property.Name);
                HubSpotMapper.WriteValue(writer, property.Value);
            }

            writer.WriteEndObject();
            writer.WriteString("uuid", happened.Id);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    /// <summary>
    /// What the mapping gives, and of a purchase what was bought: HubSpot has no event of its own for purchases, so that these are properties
    /// of the event's definition. One that the mapping writes itself stays as the mapping has it.
    /// </summary>
    private static IEnumerable<Field> PropertiesOf(Behavior happened)
    {
        if (happened.Purchase is not { } bought)
        {
            return happened.Properties;
        }

        Field[] purchase =
        [
            new("product_id", FieldValue.Of(bought.ProductId)), new("currency", FieldValue.Of(bought.Currency)),
            new("price", FieldValue.Of(bought.Price)), new("quantity", FieldValue.Of(bought.Quantity)),
        ];
        return happened.Properties.Concat(purchase.Where(property => !happened.Properties.Any(mapped => mapped.Name == property.Name)));
    }

    private static int MaxLength(string property)
        => property.EndsWith("url", StringComparison.Ordinal) || property.EndsWith("referrer", StringComparison.Ordinal) ? MaxAddress : MaxValue;
}
