using System.Globalization;
using System.Text.Json;

namespace IntegrationHub.Connectors.Abstractions;

/// <summary>How a vendor spells field values in JSON; thread-safe.</summary>
/// <param name="InstantFormat">Format of an instant, whose fields are those of UTC, for example <c>yyyy-MM-dd'T'HH:mm:ss'Z'</c>.</param>
/// <param name="IsText">True when numbers and truth values are texts, and the empty text clears a field; else each has its JSON type and <c>null</c> clears.</param>
public sealed record FieldSpelling(string InstantFormat, bool IsText = false)
{
    /// <summary>ISO 8601 with milliseconds.</summary>
    public const string Milliseconds = "yyyy-MM-dd'T'HH:mm:ss.fff'Z'";

    /// <summary>ISO 8601 with whole seconds.</summary>
    public const string Seconds = "yyyy-MM-dd'T'HH:mm:ss'Z'";

    /// <summary>Writes a value after its property name.</summary>
    public void Write(Utf8JsonWriter json, in FieldValue value)
    {
        Span<char> text = stackalloc char[64];
        var length = 0;
        switch (value.Kind)
        {
            case FieldKind.Text:
                json.WriteStringValue(value.Text);
                return;
            case FieldKind.Null when !IsText:
                json.WriteNullValue();
                return;
            case FieldKind.Number when !IsText:
                json.WriteNumberValue(value.Number);
                return;
            case FieldKind.Boolean when !IsText:
                json.WriteBooleanValue(value.Boolean);
                return;
            case FieldKind.Number:
                value.Number.TryFormat(text, out length, provider: CultureInfo.InvariantCulture);
                break;
            case FieldKind.Boolean:
                json.WriteStringValue(value.Boolean ? "true"u8 : "false"u8);
                return;
            case FieldKind.Date:
                value.Date.TryFormat(text, out length, "yyyy-MM-dd", CultureInfo.InvariantCulture);
                break;
            case FieldKind.Instant:
                value.Instant.TryFormat(text, out length, InstantFormat, CultureInfo.InvariantCulture);
                break;
        }

        json.WriteStringValue(text[..length]);
    }
}
