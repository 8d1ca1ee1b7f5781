using System.Globalization;
using System.Text.Json;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Mapping;

namespace IntegrationHub.Hub.Reconciliation;

/// <summary>Is a field at the vendor what the mapping wrote? Vendors spell numbers, dates and truth values in their own ways; the value counts. Pure.</summary>
internal static class FieldComparison
{
    private static readonly TimeSpan _second = TimeSpan.FromSeconds(1);

    /// <summary>True when both are the same value.</summary>
    /// <param name="written">What the mapping gives.</param>
    /// <param name="told">JSON text of what the vendor holds; null when it holds nothing.</param>
    /// <param name="addedWith">What the text begins with where it was added to what the field has, which may have more; null where it is all that the field has.</param>
    public static bool IsSame(in FieldValue written, string? told, char? addedWith = null)
    {
        var text = Plain(told);
        return written.Kind switch
        {
            FieldKind.Text when addedWith is { } sign => AddedText.IsIn(written.Text, text, sign),
            FieldKind.Null => text.Length == 0,
            FieldKind.Number => decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number == written.Number,
            FieldKind.Boolean => written.Boolean ? IsOneOf(text, "true", "1", "yes") : IsOneOf(text, "false", "0", "no"),
            FieldKind.Date => DateOnly.TryParseExact(text.Length > 10 ? text[..10] : text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) && day == written.Date,
            FieldKind.Instant => InstantOf(text) is { } instant && (instant - written.Instant).Duration() < _second,
            _ => IsSameText(written.Text, text),
        };
    }

    // Vendors lower addresses and cut the blanks at the ends.
    private static bool IsSameText(string written, string told) =>
        string.Equals(written.Trim(), told.Trim(), written.Contains('@', StringComparison.Ordinal) ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal);

    private static bool IsOneOf(string text, params ReadOnlySpan<string> words)
    {
        foreach (var word in words)
        {
            if (string.Equals(text, word, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    private static DateTimeOffset? InstantOf(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds) && milliseconds < 253_402_300_799_999
            ? DateTimeOffset.FromUnixTimeMilliseconds(milliseconds)
            : DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var instant) ? instant : null;

    private static string Plain(string? json)
    {
        if (string.IsNullOrEmpty(json) || json == "null")
        {
            return "";
        }

        return json[0] == '"' ? JsonSerializer.Deserialize<string>(json) ?? "" : json;
    }
}
