using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using IntegrationHub.Connectors.Abstractions;

namespace IntegrationHub.Connectors.Marketo;

/// <summary>A record of an update by lead id.</summary>
internal readonly record struct LeadWrite(DeliverySlot Slot, long LeadId);

/// <summary>Canonical values to the vendor's bodies. Pure.</summary>
internal static class MarketoMapper
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>Body of a lead upsert by key; fields that are left out stay as they are.</summary>
    public static void WriteLeads(IBufferWriter<byte> body, MarketoOptions options, bool updateOnly, IEnumerable<BatchItem> items) =>
        WriteLeads(body, updateOnly ? "updateOnly" : "createOrUpdate", options.IdentityKey, updateOnly ? null : options.Partition, items, (json, item) =>
        {
            json.WriteString(options.IdentityKey, item.Key);
            WriteFields(json, options.IdentityKey, item.Fields);
        });

    /// <summary>Body of a consent by key. Never creates anybody: a new person with an opt-in would be no answer to an opt-out of the address.</summary>
    public static void WriteConsents(IBufferWriter<byte> body, MarketoOptions options, IEnumerable<BatchItem> items) =>
        WriteLeads(body, "updateOnly", options.IdentityKey, null, items, (json, item) =>
        {
            json.WriteString(options.IdentityKey, item.Key);
            WriteConsent(json, item.Consent!);
        });

    /// <summary>Body of a consent by lead id, for people who share a key.</summary>
    public static void WriteConsentsById(IBufferWriter<byte> body, IEnumerable<LeadWrite> writes) =>
        WriteLeads(body, "updateOnly", "id", null, writes, (json, write) =>
        {
            json.WriteNumber("id"u8, write.LeadId);
            WriteConsent(json, write.Slot.Item.Consent!);
        });

    /// <summary>Body of a change of key by lead id; who is left of a merge gets the item's own.</summary>
    public static void WriteNewKeys(IBufferWriter<byte> body, MarketoOptions options, IEnumerable<LeadWrite> writes) =>
        WriteLeads(body, "updateOnly", "id", null, writes, (json, write) =>
        {
            json.WriteNumber("id"u8, write.LeadId);
            json.WriteString(options.IdentityKey, write.Slot.Item.Identity!.NewKey ?? write.Slot.Item.Key);
        });

    /// <summary>Body of a list call or a deletion: lead ids.</summary>
    public static void WriteIds(IBufferWriter<byte> body, IEnumerable<long> ids)
    {
        using var json = new Utf8JsonWriter(body, Options);
        json.WriteStartObject();
        WriteInput(json, ids, static (json, id) => json.WriteNumber("id"u8, id));
        json.WriteEndObject();
    }

    /// <summary>Body of custom activities.</summary>
    public static void WriteActivities(IBufferWriter<byte> body, IEnumerable<ActivityWrite> activities)
    {
        using var json = new Utf8JsonWriter(body, Options);
        json.WriteStartObject();
        WriteInput(json, activities, static (json, activity) =>
        {
            json.WriteNumber("leadId"u8, activity.Slot.LeadId);
            json.WriteString("activityDate"u8, Instant(activity.Slot.Item.Event!.OccurredAt));
            json.WriteNumber("activityTypeId"u8, activity.TypeId);
            json.WriteString("primaryAttributeValue"u8, Cell(activity.Primary));
            json.WriteStartArray("attributes"u8);
            foreach (var (name, value) in activity.Attributes)
            {
                json.WriteStartObject();
                json.WriteString("apiName"u8, name);
                WriteValue(json, "value", value);
                json.WriteEndObject();
            }

            json.WriteEndArray();
        });
        json.WriteEndObject();
    }

    /// <summary>The fields of a consent, under the vendor's names.</summary>
    public static IEnumerable<Field> ConsentFields(ConsentChange consent)
    {
        var cause = consent.Source is { Length: > 0 } source ? FieldValue.Of(source) : FieldValue.Null;
        if (consent.MarketingEmail is { } allowed)
        {
            yield return new("unsubscribed", FieldValue.Of(!allowed));
            yield return new("unsubscribedReason", allowed ? FieldValue.Null : cause);
        }

        if (consent.Suspended is { } suspended)
        {
            yield return new("marketingSuspended", FieldValue.Of(suspended));
            yield return new("marketingSuspendedCause", suspended ? cause : FieldValue.Null);
        }

        foreach (var topic in consent.Topics)
        {
            yield return new(topic.RemoteRef, FieldValue.Of(topic.Granted));
        }
    }

    /// <summary>A value as a cell of an import's file; empty for null.</summary>
    public static string Cell(in FieldValue value) => value.Kind == FieldKind.Instant ? Instant(value.Instant) : value.ToString();

    /// <summary>True when no e-mail address of the record holds a character that the vendor refuses.</summary>
    public static bool HasAsciiEmail(string identityKey, BatchItem item)
    {
        if (IsEmail(identityKey) && !(Ascii.IsValid(item.Key) && Ascii.IsValid(item.Identity?.NewKey)))
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

    private static void WriteLeads<T>(
        IBufferWriter<byte> body, string action, string lookupField, string? partition, IEnumerable<T> records, Action<Utf8JsonWriter, T> write)
    {
        using var json = new Utf8JsonWriter(body, Options);
        json.WriteStartObject();
        json.WriteString("action"u8, action);
        json.WriteString("lookupField"u8, lookupField);
        if (partition is not null)
        {
            json.WriteString("partitionName"u8, partition);
        }

        WriteInput(json, records, write);
        json.WriteEndObject();
    }

    private static void WriteInput<T>(Utf8JsonWriter json, IEnumerable<T> records, Action<Utf8JsonWriter, T> write)
    {
        json.WriteStartArray("input"u8);
        foreach (var record in records)
        {
            json.WriteStartObject();
            write(json, record);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteConsent(Utf8JsonWriter json, ConsentChange consent) => WriteFields(json, "", ConsentFields(consent));

    private static void WriteFields(Utf8JsonWriter json, string identityKey, IEnumerable<Field> fields)
    {
        foreach (var field in fields)
        {
            if (!string.Equals(field.Name, identityKey, StringComparison.OrdinalIgnoreCase))
            {
                WriteValue(json, field.Name, field.Value);
            }
        }
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
                json.WriteString(name, Instant(value.Instant));
                break;
            default:
                json.WriteString(name, value.Text);
                break;
        }
    }

    private static string Instant(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
