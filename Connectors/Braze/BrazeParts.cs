using System.Collections.Concurrent;
using System.Text.Json;
using IntegrationHub.Connectors.Abstractions;

namespace IntegrationHub.Connectors.Braze;

/// <summary>
/// Properties of objects and elements of arrays, each a field of its own until here. Written so that Braze changes nothing else of the object or array, and read back out of them.
/// Objects: https://www.braze.com/docs/user_guide/data/activation/attributes/nested_custom_attribute_support; arrays: https://www.braze.com/docs/api/objects_filters/user_attributes_object
/// </summary>
internal static class BrazeParts
{
    private static readonly ConcurrentDictionary<string, FieldAddress> Addresses = new(StringComparer.Ordinal);

    /// <summary>What a name addresses.</summary>
    public static FieldAddress AddressOf(string name) => Addresses.GetOrAdd(name, FieldAddress.Of);

    /// <summary>The custom attribute in which a field is: itself, or the object or array that holds it.</summary>
    public static string AttributeOf(string name) => FieldAddress.IsPart(name) ? AddressOf(name).Field : name;

    /// <summary>Why a part cannot be sent, or null. Braze drops every update of an object that holds a null somewhere, without a word.</summary>
    public static string? WhyUnsendable(Field part) => AddressOf(part.Name) switch
    {
        { Path.Count: > 0 } when part.Value.Kind == FieldKind.Null => ReasonCode.NotClearable,
        { Element.Length: > BrazeMapper.MaxText } => "text_too_long",
        _ => null,
    };

    /// <summary>Writes those of the fields that are parts, each attribute once.</summary>
    public static void Write(Utf8JsonWriter json, IEnumerable<Field> fields)
    {
        var parts = fields.Where(static field => FieldAddress.IsPart(field.Name)).Select(static field => (Address: AddressOf(field.Name), field.Value)).ToList();
        if (parts.Exists(static part => part.Address.Path.Count > 0))
        {
            json.WriteBoolean("_merge_objects"u8, true);
        }

        foreach (var attribute in parts.GroupBy(static part => part.Address.Field, StringComparer.Ordinal))
        {
            json.WritePropertyName(attribute.Key);
            if (attribute.First().Address.Element is null)
            {
                WriteObject(json, [.. attribute], 0);
            }
            else
            {
                WriteElements(json, attribute.ToLookup(static part => part.Value.Boolean, static part => part.Address.Element!));
            }
        }
    }

    /// <summary>JSON text of a part, or null when the object has no such property; of an element whether it is in the array.</summary>
    public static string? Read(JsonElement attributes, FieldAddress address)
    {
        if (address.Element is { } element)
        {
            return attributes.TryGetProperty(address.Field, out var array) && array.ValueKind == JsonValueKind.Array && array.EnumerateArray().Any(item => item.ValueKind == JsonValueKind.String && item.ValueEquals(element)) ? "true" : "false";
        }

        JsonElement? found = attributes;
        foreach (var name in address.Path.Prepend(address.Field))
        {
            found = found is { ValueKind: JsonValueKind.Object } holder && holder.TryGetProperty(name, out var held) ? held : null;
        }

        return found is { ValueKind: not JsonValueKind.Null } value ? TextOf(value) : null;
    }

    /// <summary>What an attribute holds in parts, as JSON text by the parts' names: properties with a single value, and elements that are texts.</summary>
    public static IEnumerable<KeyValuePair<string, string>> In(string attribute, JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => Below($"$.{attribute}", value),
        JsonValueKind.Array => value.EnumerateArray().Where(static item => item.ValueKind == JsonValueKind.String).Select(item => KeyValuePair.Create(FieldAddress.OfElement(attribute, item.GetString()!), "true")),
        _ => [],
    };

    private static IEnumerable<KeyValuePair<string, string>> Below(string path, JsonElement value) => value.ValueKind == JsonValueKind.Object && TimeIn(value) is null
        ? value.EnumerateObject().SelectMany(property => Below($"{path}.{property.Name}", property.Value))
        : [KeyValuePair.Create(path, TextOf(value))];

    private static void WriteObject(Utf8JsonWriter json, List<(FieldAddress Address, FieldValue Value)> parts, int depth)
    {
        json.WriteStartObject();
        foreach (var below in parts.GroupBy(part => part.Address.Path[depth], StringComparer.Ordinal))
        {
            json.WritePropertyName(below.Key);
            var (address, value) = below.First();
            if (address.Path.Count > depth + 1)
            {
                WriteObject(json, [.. below], depth + 1);
            }
            else
            {
                WriteProperty(json, value);
            }
        }

        json.WriteEndObject();
    }

    /// <summary>Within objects a time is known by its key, not by its spelling.</summary>
    private static void WriteProperty(Utf8JsonWriter json, in FieldValue value)
    {
        if (value.Kind is not (FieldKind.Date or FieldKind.Instant))
        {
            BrazeMapper.Spelling.Write(json, value);
            return;
        }

        json.WriteStartObject();
        json.WritePropertyName("$time"u8);
        BrazeMapper.Spelling.Write(json, value);
        json.WriteEndObject();
    }

    private static void WriteElements(Utf8JsonWriter json, ILookup<bool, string> isIn)
    {
        json.WriteStartObject();
        foreach (var (operation, elements) in new[] { ("add", isIn[true]), ("remove", isIn[false]) })
        {
            if (elements.Any())
            {
                json.WriteStartArray(operation);
                foreach (var element in elements)
                {
                    json.WriteStringValue(element);
                }

                json.WriteEndArray();
            }
        }

        json.WriteEndObject();
    }

    private static string TextOf(JsonElement value) => (TimeIn(value) ?? value).GetRawText();

    private static JsonElement? TimeIn(JsonElement value) => value.ValueKind == JsonValueKind.Object && value.TryGetProperty("$time"u8, out var time) ? time : null;
}
