using System.Globalization;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.HubSpot.Wire;

namespace IntegrationHub.Connectors.HubSpot;

/// <summary>
/// Finds where HubSpot answered success and kept another value, as with a lifecycle stage that only moves forward:
/// https://knowledge.hubspot.com/contacts/use-lifecycle-stages. The normal forms in which HubSpot stores what it took are no difference.
/// </summary>
internal static class HubSpotKeptValues
{
    /// <summary>The first property that the answer tells with another value than was sent, or null. What the answer does not tell is not judged.</summary>
    public static string? Find(IReadOnlyList<Field> sent, ContactRow told)
    {
        foreach (var field in sent)
        {
            if (told.Properties.TryGetValue(field.Name, out var value) && !IsTaken(field.Value, value ?? ""))
            {
                return field.Name;
            }
        }

        return null;
    }

    private static bool IsTaken(FieldValue sent, string told) => sent.Kind switch
    {
        FieldKind.Null => told.Length == 0,
        FieldKind.Number => TryNumber(told, out var number) && (number == sent.Number || (double)number == (double)sent.Number),
        FieldKind.Boolean => string.Equals(told.Trim(), sent.Boolean ? "true" : "false", StringComparison.OrdinalIgnoreCase),
        FieldKind.Date => TryInstant(told, out var day) && DateOnly.FromDateTime(day.UtcDateTime) == sent.Date,
        FieldKind.Instant => TryInstant(told, out var instant) && (instant - sent.Instant).Duration() < TimeSpan.FromSeconds(1),
        _ => IsTakenText(sent.Text, told),
    };

    private static bool IsTakenText(string sent, string told)
        => Folded(sent).SequenceEqual(Folded(told))
            || (TryNumber(sent, out var wrote) && TryNumber(told, out var kept) && wrote == kept)
            || (TryInstant(sent, out var wroteAt) && TryInstant(told, out var keptAt) && wroteAt == keptAt)
            || IsSameNumberToCall(sent, told)
            || IsSameChoice(sent, told);

    /// <summary>HubSpot trims, folds the case of addresses and writes phones its own way: only letters and digits are compared, without their case.</summary>
    private static IEnumerable<char> Folded(string text)
        => text.Where(char.IsLetterOrDigit).Select(char.ToUpperInvariant);

    /// <summary>A national number may come back with the code of its country.</summary>
    private static bool IsSameNumberToCall(string sent, string told)
    {
        var digits = string.Concat(sent.Where(char.IsAsciiDigit)).TrimStart('0');
        return digits.Length >= 6 && !sent.Any(char.IsLetter) && !told.Any(char.IsLetter)
            && string.Concat(told.Where(char.IsAsciiDigit)).EndsWith(digits, StringComparison.Ordinal);
    }

    /// <summary>Several choices come back in any order; those that were appended, with those that were there.</summary>
    private static bool IsSameChoice(string sent, string told)
    {
        if (!sent.Contains(';', StringComparison.Ordinal))
        {
            return false;
        }

        var wrote = Choices(sent);
        return sent[0] == ';' ? wrote.IsSubsetOf(Choices(told)) : wrote.SetEquals(Choices(told));
    }

    private static HashSet<string> Choices(string text)
        => text.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).ToHashSet(StringComparer.OrdinalIgnoreCase);

    private static bool TryNumber(string text, out decimal number) => decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out number);

    /// <summary>A day as <c>2026-11-26</c>, an instant as ISO 8601, or either in milliseconds since 1970.</summary>
    private static bool TryInstant(string text, out DateTimeOffset instant)
    {
        if (long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var milliseconds)
            && milliseconds is > -62_135_596_800_000 and < 253_402_300_800_000)
        {
            instant = DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);
            return true;
        }

        return DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out instant);
    }
}
