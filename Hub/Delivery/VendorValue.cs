using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Mapping;

namespace IntegrationHub.Hub.Delivery;

/// <summary>
/// Compares what a vendor shows of a field with what the hub writes, whose spellings differ: numbers as texts, days with a midnight, no value as an empty
/// text. Pure. Values are personal data: only their hashes leave a run.
/// </summary>
internal static class VendorValue
{
    private const int HashLength = 32;

    /// <summary>The value in one spelling; empty for none.</summary>
    public static string Canonical(in FieldValue value) => value.Kind == FieldKind.Number ? Number(value.Number) : value.ToString();

    /// <summary>The value in one spelling; empty for none.</summary>
    /// <param name="json">The vendor's JSON text, or null when the field has no value.</param>
    /// <param name="kind">Type of the values that are written there.</param>
    /// <param name="addedWith">What stands between its elements where texts are added to it; else null.</param>
    public static string Canonical(string? json, FieldKind kind, char? addedWith = null)
    {
        var text = json is null ? "" : TextOf(json);
        if (text.Length == 0)
        {
            return "";
        }

        return kind switch
        {
            FieldKind.Number when decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) => Number(number),
            FieldKind.Boolean when bool.TryParse(text, out var truth) => truth ? "true" : "false",
            FieldKind.Date when TimeOf(text) is { } at => at.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
            FieldKind.Instant when TimeOf(text) is { } at => FieldValue.Of(at).ToString(),
            _ when addedWith is { } sign => AddedText.Canonical(text, sign),
            _ => text,
        };
    }

    /// <summary>The vendor's own value, to be written back; <see cref="FieldValue.Null"/> for none.</summary>
    public static FieldValue Back(string? json)
    {
        if (json is null)
        {
            return FieldValue.Null;
        }

        using var document = JsonDocument.Parse(json);
        var value = document.RootElement;
        return value.ValueKind switch
        {
            JsonValueKind.Null or JsonValueKind.Undefined => FieldValue.Null,
            JsonValueKind.True or JsonValueKind.False => FieldValue.Of(value.GetBoolean()),
            JsonValueKind.Number when value.TryGetDecimal(out var number) => FieldValue.Of(number),
            JsonValueKind.String => value.GetString() is { Length: > 0 } text ? FieldValue.Of(text) : FieldValue.Null,
            _ => FieldValue.Of(value.GetRawText()),
        };
    }

    /// <summary>The vendor's own value of a part of a field, to be written back: where times are written there, a text that is one is a time, which vendors do not tell by its spelling within objects.</summary>
    /// <param name="json">The vendor's JSON text, or null when there is no such part.</param>
    /// <param name="kind">Type of the values that are written there.</param>
    public static FieldValue BackOfPart(string? json, FieldKind kind) => kind is FieldKind.Date or FieldKind.Instant && json is not null && TextOf(json) is var text && TimeOf(text) is { } at
        ? text.Length == "2026-11-28".Length ? FieldValue.Of(DateOnly.FromDateTime(at.UtcDateTime)) : FieldValue.Of(at)
        : Back(json);

    /// <summary>Names a value without telling it.</summary>
    public static string HashOf(string canonical) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(canonical)))[..HashLength];

    private static string TextOf(string json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.ValueKind switch
        {
            JsonValueKind.Null or JsonValueKind.Undefined => "",
            JsonValueKind.String => document.RootElement.GetString()!,
            _ => document.RootElement.GetRawText(),
        };
    }

    private static string Number(decimal number) => number.ToString("G29", CultureInfo.InvariantCulture);

    private static DateTimeOffset? TimeOf(string text) =>
        long.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var milliseconds) ? DateTimeOffset.FromUnixTimeMilliseconds(milliseconds)
        : DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var at) ? at
        : null;
}
