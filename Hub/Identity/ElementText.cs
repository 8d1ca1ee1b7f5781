using System.Text.Json;

namespace IntegrationHub.Identity;

/// <summary>
/// A set of elements in one text, as an attribute holds it that only grows. The text of a set is one and the same, however its elements came: each once, by their code units, and at the limit those that sort first.
/// Keeping the first of a union is the same as keeping the first of what is left of each, which no limit on the length of the whole would be, so that no order of statements matters. Pure.
/// </summary>
public static class ElementText
{
    /// <summary>What stands between elements unless it is said otherwise.</summary>
    public const string UsualSeparator = ";";

    /// <summary>How many elements count.</summary>
    public const int MostElements = 250;

    /// <summary>UTF-16 code units of an element; a longer one does not count, so that the whole text has some 16,000.</summary>
    public const int LongestElement = 64;

    /// <summary>True of one or two signs or blanks: letters and digits are of elements.</summary>
    /// <param name="text">What shall stand between elements.</param>
    public static bool IsSeparator(string text) => text?.Length is 1 or 2 && text.All(static sign => char.IsPunctuation(sign) || char.IsSymbol(sign) || sign == ' ');

    /// <summary>The elements of a value, without blanks and signs of the separator at their ends; also those that do not count. A number or truth value is one, as JSON writes it.</summary>
    public static SortedSet<string> In(JsonElement? value, string separator) => In(
        value switch
        {
            { ValueKind: JsonValueKind.String } text => text.GetString(),
            { ValueKind: JsonValueKind.Number or JsonValueKind.True or JsonValueKind.False } word => word.GetRawText(),
            _ => null,
        },
        separator);

    /// <summary>The elements of a text, likewise.</summary>
    public static SortedSet<string> In(string? text, string separator) => new(
        (text ?? "").Split(separator).Select(element => Trim(element, separator)).Where(static element => element.Length > 0), StringComparer.Ordinal);

    /// <summary>The text of those elements that count; null of none.</summary>
    public static JsonElement? Of(IEnumerable<string> elements, string separator) =>
        string.Join(separator, new SortedSet<string>(elements.Where(static element => element.Length <= LongestElement), StringComparer.Ordinal).Take(MostElements)) is { Length: > 0 } text
            ? JsonSerializer.SerializeToElement(text)
            : null;

    /// <summary>What was joined is told apart again only where no element begins or ends as a separator does.</summary>
    private static string Trim(string element, string separator)
    {
        var (start, end) = (0, element.Length);
        while (start < end && IsOuter(element[start]))
        {
            start++;
        }

        while (end > start && IsOuter(element[end - 1]))
        {
            end--;
        }

        return element[start..end];

        bool IsOuter(char sign) => char.IsWhiteSpace(sign) || separator.Contains(sign, StringComparison.Ordinal);
    }
}
