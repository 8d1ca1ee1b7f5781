using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace IntegrationHub.Connectors.Sandbox.Marketo;

/// <summary>Type of a lead field, as the describe call names it.</summary>
public enum MarketoFieldType
{
    /// <summary>Up to 255 characters.</summary>
    String,

    /// <summary>An ASCII e-mail address.</summary>
    Email,

    /// <summary>A telephone number, up to 255 characters.</summary>
    Phone,

    /// <summary>A whole number.</summary>
    Integer,

    /// <summary>A decimal number.</summary>
    Currency,

    /// <summary>A decimal number.</summary>
    Float,

    /// <summary>True or false.</summary>
    Boolean,

    /// <summary>A calendar day.</summary>
    Date,

    /// <summary>An instant.</summary>
    Datetime,
}

/// <summary>A field of a lead.</summary>
/// <param name="Name">REST name.</param>
/// <param name="Type">Type of its values.</param>
/// <param name="IsSearchable">Whether people can be looked up by it.</param>
/// <param name="IsUpdateable">Whether a call may set it.</param>
public sealed record MarketoField(string Name, MarketoFieldType Type, bool IsSearchable = false, bool IsUpdateable = true)
{
    internal ushort Number { get; init; }

    /// <summary>True for a field that the CRM synchronisation keeps.</summary>
    public bool IsCrmManaged { get; init; }

    /// <summary>True for a boolean that holds consent to a topic; the vendor has no such thing, so an administrator makes one.</summary>
    public bool IsTopic { get; init; }
}

/// <summary>The fields of the instance: standard ones, and custom ones as they are created in its administration. At most 64.</summary>
internal sealed class MarketoFields
{
    private const int MaxText = 255;
    private static readonly JsonSerializerOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private volatile Dictionary<string, MarketoField> _byName = new(StringComparer.Ordinal);

    public MarketoFields() => Reset();

    public FieldNames Names { get; } = new();

    public IEnumerable<MarketoField> All => _byName.Values;

    public void Add(MarketoField field) => _byName = new(_byName, StringComparer.Ordinal) { [field.Name] = field with { Number = Names.Id(field.Name) } };

    public MarketoField? Find(string name) => _byName.GetValueOrDefault(name);

    public MarketoField? Find(ref Utf8JsonReader name)
    {
        Span<char> text = stackalloc char[128];
        return name.ValueSpan.Length <= text.Length
            && _byName.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(text[..name.CopyString(text)], out var field) ? field : null;
    }

    public void Reset()
    {
        _byName = new(StringComparer.Ordinal);
        foreach (var field in Defaults())
        {
            Add(field);
        }
    }

    /// <summary>Reads a value into the form in which it is stored: one JSON token, empty for null. Returns the vendor's code when it does not fit.</summary>
    public static string? Read(ref Utf8JsonReader value, MarketoField field, ReadOnlyMemory<byte> body, out ReadOnlyMemory<byte> stored)
    {
        stored = default;
        switch (value.TokenType)
        {
            case JsonTokenType.Null:
                return null;
            case JsonTokenType.String when value.ValueSpan.IsEmpty:
                return null;
            case JsonTokenType.String or JsonTokenType.Number or JsonTokenType.True or JsonTokenType.False:
                break;
            default:
                value.Skip();
                return "1001";
        }

        var raw = body.Slice((int)value.TokenStartIndex, (int)(value.BytesConsumed - value.TokenStartIndex));
        switch (field.Type)
        {
            case MarketoFieldType.String or MarketoFieldType.Phone or MarketoFieldType.Email:
                return ReadText(ref value, field, raw, out stored);
            case MarketoFieldType.Boolean:
                stored = Text(value) is "true" or "1" ? "true"u8.ToArray() : Text(value) is "false" or "0" ? "false"u8.ToArray() : default;
                return stored.IsEmpty ? "1001" : null;
            case MarketoFieldType.Integer or MarketoFieldType.Currency or MarketoFieldType.Float:
                var digits = value.TokenType == JsonTokenType.String ? raw[1..^1] : raw;
                if (!Utf8Parser.TryParse(digits.Span, out decimal number, out var used) || used != digits.Length
                    || (field.Type == MarketoFieldType.Integer && number != decimal.Truncate(number)))
                {
                    return "1001";
                }

                stored = digits;
                return null;
            default:
                var isDate = value.TokenType == JsonTokenType.String && (field.Type == MarketoFieldType.Date
                    ? DateOnly.TryParseExact(Text(value), "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _)
                    : value.TryGetDateTimeOffset(out _));
                stored = isDate ? raw : default;
                return isDate ? null : "1001";
        }
    }

    /// <summary>Reads a cell of a file as <see cref="Read(ref Utf8JsonReader, MarketoField, ReadOnlyMemory{byte}, out ReadOnlyMemory{byte})"/> reads a text.</summary>
    public static string? Read(string cell, MarketoField field, out ReadOnlyMemory<byte> stored)
    {
        ReadOnlyMemory<byte> body = JsonSerializer.SerializeToUtf8Bytes(cell, Relaxed);
        var reader = new Utf8JsonReader(body.Span);
        reader.Read();
        return Read(ref reader, field, body, out stored);
    }

    /// <summary>The stored form of a text, without its quotes; comparable byte by byte.</summary>
    public static byte[] Key(string text) => JsonSerializer.SerializeToUtf8Bytes(text, Relaxed)[1..^1];

    private static string? ReadText(ref Utf8JsonReader value, MarketoField field, ReadOnlyMemory<byte> raw, out ReadOnlyMemory<byte> stored)
    {
        stored = raw;
        if (value.TokenType != JsonTokenType.String || value.ValueIsEscaped)
        {
            stored = JsonSerializer.SerializeToUtf8Bytes(Text(value), Relaxed);
        }

        if (stored.Length > MaxText + 2 && Text(value).Length > MaxText)
        {
            return "1003";
        }

        return field.Type == MarketoFieldType.Email && !(Ascii.IsValid(stored.Span) && stored.Span.Contains((byte)'@')) ? "1003" : null;
    }

    private static string Text(in Utf8JsonReader value) =>
        value.TokenType == JsonTokenType.String ? value.GetString()! : Encoding.UTF8.GetString(value.ValueSpan);

    private static IEnumerable<MarketoField> Defaults()
    {
        yield return new("id", MarketoFieldType.Integer, IsSearchable: true, IsUpdateable: false);
        yield return new("email", MarketoFieldType.Email, IsSearchable: true);
        foreach (var text in (string[])
            ["firstName", "middleName", "lastName", "salutation", "title", "address", "city", "state", "country", "postalCode", "website"])
        {
            yield return new(text, MarketoFieldType.String);
        }

        yield return new("phone", MarketoFieldType.Phone);
        yield return new("mobilePhone", MarketoFieldType.Phone);
        yield return new("dateOfBirth", MarketoFieldType.Date);
        yield return new("unsubscribed", MarketoFieldType.Boolean);
        yield return new("unsubscribedReason", MarketoFieldType.String);
        foreach (var state in (string[])["marketingSuspended", "blackListed", "emailInvalid"])
        {
            yield return new(state, MarketoFieldType.Boolean);
            yield return new($"{state}Cause", MarketoFieldType.String);
        }

        yield return new("emailSuspended", MarketoFieldType.Boolean, IsUpdateable: false);
        yield return new("emailSuspendedAt", MarketoFieldType.Datetime, IsUpdateable: false);
        yield return new("emailSuspendedCause", MarketoFieldType.String, IsUpdateable: false);
        yield return new("doNotCall", MarketoFieldType.Boolean);
        yield return new("doNotCallReason", MarketoFieldType.String);
        yield return new("hubNewsletter", MarketoFieldType.Boolean) { IsTopic = true };
        yield return new("hubProductNews", MarketoFieldType.Boolean) { IsTopic = true };
        yield return new("createdAt", MarketoFieldType.Datetime, IsUpdateable: false);
        yield return new("updatedAt", MarketoFieldType.Datetime, IsUpdateable: false);
        yield return new("hubExternalId", MarketoFieldType.String, IsSearchable: true);
        foreach (var text in (string[])["maritalStatus", "gender", "educationLevel", "occupation"])
        {
            yield return new(text, MarketoFieldType.String);
        }

        yield return new("annualIncome", MarketoFieldType.Currency);
        yield return new("totalChildren", MarketoFieldType.Integer);
        yield return new("homeOwner", MarketoFieldType.Boolean);
    }
}
