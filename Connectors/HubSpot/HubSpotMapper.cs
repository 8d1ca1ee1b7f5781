using System.Buffers;
using System.Buffers.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using IntegrationHub.Connectors.Abstractions;

namespace IntegrationHub.Connectors.HubSpot;

/// <summary>Writes request bodies. Pure. Every property value is a JSON string on HubSpot's wire, whatever its type.</summary>
internal static class HubSpotMapper
{
    internal static readonly JsonWriterOptions Writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };
    internal static readonly JsonEncodedText Inputs = JsonEncodedText.Encode("inputs");
    private static readonly JsonEncodedText Id = JsonEncodedText.Encode("id");
    private static readonly JsonEncodedText IdProperty = JsonEncodedText.Encode("idProperty");
    internal static readonly JsonEncodedText Properties = JsonEncodedText.Encode("properties");
    private static readonly JsonEncodedText TraceId = JsonEncodedText.Encode("objectWriteTraceId");

    /// <summary>The most bytes that an item can take in a body: six per character, as if every one had to be escaped.</summary>
    public static int MaxBytes(BatchItem item)
    {
        var bytes = 200 + (6 * item.Key.Length);
        foreach (var field in item.Fields)
        {
            bytes += 40 + (6 * (field.Name.Length + (field.Value.Kind == FieldKind.Text ? field.Value.Text.Length : 0)));
        }

        return bytes;
    }

    /// <summary>Body of batch/upsert: the items at <paramref name="chosen"/>, each found by <paramref name="idProperty"/> and traced by its record id.</summary>
    public static void WriteUpsert(IBufferWriter<byte> output, string idProperty, IReadOnlyList<BatchItem> items, ReadOnlySpan<int> chosen)
    {
        using var writer = new Utf8JsonWriter(output, Writing);
        var encodedProperty = JsonEncodedText.Encode(idProperty);
        writer.WriteStartObject();
        writer.WriteStartArray(Inputs);
        foreach (var index in chosen)
        {
            var item = items[index];
            writer.WriteStartObject();
            writer.WriteString(IdProperty, encodedProperty);
            writer.WriteString(Id, KeyOnWire(idProperty, item.Key));
            writer.WriteStartObject(Properties);
            WriteFields(writer, item.Fields);
            writer.WriteEndObject();
            WriteTrace(writer, item.RecordId);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    /// <summary>Body of batch/update by record id; it also sets the identity property of those that get a new key.</summary>
    public static void WriteUpdate(
        IBufferWriter<byte> output,
        string idProperty,
        IReadOnlyList<BatchItem> items,
        ReadOnlySpan<int> chosen,
        IReadOnlyDictionary<int, string> contactIds,
        Func<BatchItem, string?> newKey)
    {
        using var writer = new Utf8JsonWriter(output, Writing);
        writer.WriteStartObject();
        writer.WriteStartArray(Inputs);
        foreach (var index in chosen)
        {
            var item = items[index];
            writer.WriteStartObject();
            writer.WriteString(Id, contactIds[index]);
            writer.WriteStartObject(Properties);
            if (newKey(item) is { } key)
            {
                writer.WriteString(idProperty, KeyOnWire(idProperty, key));
            }

            WriteFields(writer, item.Fields);
            writer.WriteEndObject();
            WriteTrace(writer, item.RecordId);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    /// <summary>Body of a search whose filters all have to hold.</summary>
    public static void WriteSearch(
        IBufferWriter<byte> output, IEnumerable<(string Property, string Operator, string Value)> filters, string sortedBy, IReadOnlyList<string> properties, int limit)
    {
        using var writer = new Utf8JsonWriter(output, Writing);
        writer.WriteStartObject();
        writer.WriteStartArray("filterGroups"u8);
        writer.WriteStartObject();
        writer.WriteStartArray("filters"u8);
        foreach (var (property, comparison, value) in filters)
        {
            writer.WriteStartObject();
            writer.WriteString("propertyName"u8, property);
            writer.WriteString("operator"u8, comparison);
            writer.WriteString("value"u8, value);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
        writer.WriteEndArray();
        writer.WriteStartArray("sorts"u8);
        writer.WriteStartObject();
        writer.WriteString("propertyName"u8, sortedBy);
        writer.WriteString("direction"u8, "ASCENDING"u8);
        writer.WriteEndObject();
        writer.WriteEndArray();
        writer.WriteStartArray(Properties);
        foreach (var property in properties)
        {
            writer.WriteStringValue(property);
        }

        writer.WriteEndArray();
        writer.WriteNumber("limit"u8, limit);
        writer.WriteEndObject();
    }

    /// <summary>Body of batch/read; by record id when <paramref name="idProperty"/> is null.</summary>
    public static void WriteRead(IBufferWriter<byte> output, string? idProperty, IReadOnlyList<string> properties, IEnumerable<string> ids)
    {
        using var writer = new Utf8JsonWriter(output, Writing);
        writer.WriteStartObject();
        writer.WriteStartArray(Properties);
        foreach (var property in properties)
        {
            writer.WriteStringValue(property);
        }

        writer.WriteEndArray();
        if (idProperty is not null)
        {
            writer.WriteString(IdProperty, idProperty);
        }

        writer.WriteStartArray(Inputs);
        foreach (var id in ids)
        {
            writer.WriteStartObject();
            writer.WriteString(Id, id);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    /// <summary>Body of a merge; the first contact stays.</summary>
    public static void WriteMerge(IBufferWriter<byte> output, string primaryId, string otherId)
    {
        using var writer = new Utf8JsonWriter(output, Writing);
        writer.WriteStartObject();
        writer.WriteString("primaryObjectId", primaryId);
        writer.WriteString("objectIdToMerge", otherId);
        writer.WriteEndObject();
    }

    /// <summary>Body of an erasure by record id.</summary>
    public static void WriteErasure(IBufferWriter<byte> output, string contactId)
    {
        using var writer = new Utf8JsonWriter(output, Writing);
        writer.WriteStartObject();
        writer.WriteString("objectId", contactId);
        writer.WriteEndObject();
    }

    /// <summary>Body of a membership change: a bare array of record ids.</summary>
    public static void WriteRecordIds(IBufferWriter<byte> output, IEnumerable<string> contactIds)
    {
        using var writer = new Utf8JsonWriter(output, Writing);
        writer.WriteStartArray();
        foreach (var id in contactIds)
        {
            writer.WriteStringValue(id);
        }

        writer.WriteEndArray();
    }

    /// <summary>Body of memberships/batch/read: contacts by record id.</summary>
    public static void WriteRecords(IBufferWriter<byte> output, IEnumerable<string> contactIds)
    {
        using var writer = new Utf8JsonWriter(output, Writing);
        writer.WriteStartObject();
        writer.WriteStartArray(Inputs);
        foreach (var id in contactIds)
        {
            writer.WriteStartObject();
            writer.WriteString("objectTypeId", "0-1");
            writer.WriteString("recordId", id);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    /// <summary>Body that creates a list whose members only this hub and people change.</summary>
    public static void WriteManualList(IBufferWriter<byte> output, string name)
    {
        using var writer = new Utf8JsonWriter(output, Writing);
        writer.WriteStartObject();
        writer.WriteString("name", name);
        writer.WriteString("objectTypeId", "0-1");
        writer.WriteString("processingType", "MANUAL");
        writer.WriteEndObject();
    }

    /// <summary>HubSpot keeps e-mails trimmed and in lower case, and compares keys of a batch in that form.</summary>
    public static string KeyOnWire(string idProperty, string key) => idProperty == "email" ? key.Trim().ToLowerInvariant() : key;

    /// <summary>The e-mail that an item writes, or null.</summary>
    public static string? EmailOf(BatchItem item)
        => item.Fields.FirstOrDefault(static field => field.Name == "email") is { Value: { Kind: FieldKind.Text } email } ? email.Text : null;

    private static void WriteFields(Utf8JsonWriter writer, IReadOnlyList<Field> fields)
    {
        for (var i = 0; i < fields.Count; i++)
        {
            writer.WritePropertyName(fields[i].Name);
            WriteValue(writer, fields[i].Value);
        }
    }

    internal static void WriteValue(Utf8JsonWriter writer, FieldValue value)
    {
        Span<byte> text = stackalloc byte[64];
        var length = 0;
        switch (value.Kind)
        {
            case FieldKind.Text:
                writer.WriteStringValue(value.Text);
                return;
            case FieldKind.Number:
                value.Number.TryFormat(text, out length, provider: System.Globalization.CultureInfo.InvariantCulture);
                break;
            case FieldKind.Boolean:
                Utf8Formatter.TryFormat(value.Boolean, text, out length, 'l');
                break;
            case FieldKind.Date:
                value.Date.TryFormat(text, out length, "yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);
                break;
            case FieldKind.Instant:
                value.Instant.TryFormat(text, out length, "yyyy-MM-dd'T'HH:mm:ss.fff'Z'", System.Globalization.CultureInfo.InvariantCulture);
                break;
            default:
                // An empty string clears a property; an absent one keeps its value.
                break;
        }

        writer.WriteStringValue(text[..length]);
    }

    private static void WriteTrace(Utf8JsonWriter writer, long recordId)
    {
        Span<byte> text = stackalloc byte[20];
        Utf8Formatter.TryFormat(recordId, text, out var length);
        writer.WriteString(TraceId, text[..length]);
    }
}
