using System.Collections.Frozen;
using System.Text.RegularExpressions;

namespace IntegrationHub.Identity;

/// <summary>
/// What tools write where an id should stand: that there is none, or a number that a spreadsheet has rounded. Many people share such a text, so it is nobody's key. Pure.
/// </summary>
public static partial class SpoiltId
{
    private static readonly FrozenSet<string> _nothing = new[]
    {
        "null", "(null)", "<null>", "[null]", "nil", "none", "nan", "na", "n/a", "undefined", "[object object]", "#n/a", "#null!", "#ref!", "#value!", "#name?", "#num!", "#div/0!",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> _words = _nothing.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>True for a word that says that there is no value, as databases, spreadsheets and programs write it.</summary>
    public static bool SaysNothing(ReadOnlySpan<char> text) => _words.Contains(InvisibleText.Trim(text));

    /// <summary>True for a number in scientific spelling with a plus sign, <c>1.23457E+15</c>: a spreadsheet wrote a long id so, and its last digits are gone.</summary>
    public static bool IsRounded(ReadOnlySpan<char> text) => Scientific().IsMatch(InvisibleText.Trim(text));

    /// <summary>True for either.</summary>
    public static bool IsOne(ReadOnlySpan<char> text) => SaysNothing(text) || IsRounded(text);

    [GeneratedRegex(@"^\d([.,]\d+)?[eE]\+\d{1,3}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Scientific();
}
