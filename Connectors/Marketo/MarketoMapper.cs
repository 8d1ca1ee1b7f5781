using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using IntegrationHub.Connectors.Abstractions;

namespace IntegrationHub.Connectors.Marketo;

/// <summary>Canonical values to the vendor's bodies. Pure.</summary>
internal static class MarketoMapper
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>Body of a lead upsert: created when the key is unknown, updated when it is known; fields that are left out stay as they are.</summary>
    public static void WriteLeads(IBufferWriter<byte> body, MarketoOptions options, IEnumerable<BatchItem> items)
    {
        using var json = new Utf8JsonWriter(body, Options);
        json.WriteStartObject();
        json.WriteString("action"u8, "createOrUpdate"u8);
        json.WriteString("lookupField"u8, options.IdentityKey);
        if (options.Partition is { } partition)
        {
            json.WriteString("partitionName"u8, partition);
        }

        json.WriteStartArray("input"u8);
        foreach (var item in items)
        {
            WriteLead(json, options.IdentityKey, item);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>Body of a list call: lead ids.</summary>
    public static void WriteIds(IBufferWriter<byte> body, IEnumerable<long> ids)
    {
        using var json = new Utf8JsonWriter(body, Options);
        json.WriteStartObject();
        json.WriteStartArray("input"u8);
        foreach (var id in ids)
        {
            json.WriteStartObject();
            json.WriteNumber("id"u8, id);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>True when no e-mail address of the record holds a character that the vendor refuses.</summary>
    public static bool HasAsciiEmail(string identityKey, BatchItem item)
    {
        if (IsEmail(identityKey) && !Ascii.IsValid(item.Key))
        {
            return false;
        }

        foreach (var field in item.Fields)
        {
            if (field.Value.Kind == FieldKind.Text && IsEmail(field.Name) && !Ascii.IsValid(field.Value.Text))
            {
                return false;
            }
        }

        return true;
    }

    private static bool IsEmail(string field) => string.Equals(field, "email", StringComparison.OrdinalIgnoreCase);

    private static void WriteLead(Utf8JsonWriter json, string identityKey, BatchItem item)
    {
        json.WriteStartObject();
        json.WriteString(identityKey, item.Key);
        foreach (var field in item.Fields)
        {
            if (!string.Equals(field.Name, identityKey, StringComparison.OrdinalIgnoreCase))
            {
                WriteValue(json, field.Name, field.Value);
            }
        }

        json.WriteEndObject();
    }

    private static void WriteValue(Utf8JsonWriter json, string name, in FieldValue value)
    {
        switch (value.Kind)
        {
            case FieldKind.Null:
                json.WriteNull(name);
                break;
            case FieldKind.Number:
                json.WriteNumber(name, value.Number);
                break;
            case FieldKind.Boolean:
                json.WriteBoolean(name, value.Boolean);
                break;
            case FieldKind.Date:
                json.WriteString(name, value.Date.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
                break;
            case FieldKind.Instant:
                json.WriteString(name, value.Instant.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
                break;
            default:
                json.WriteString(name, value.Text);
                break;
        }
    }
}
