namespace IntegrationHub.Identity;

/// <summary>What nobody sees in a text: spaces of every width at its ends, and characters that draw nothing wherever they stand. Pure.</summary>
public static class InvisibleText
{
    /// <summary>
    /// The text without blanks and invisible characters at its ends: every Unicode space and control, no-break ones too, zero width
    /// characters, soft hyphens, byte order marks, marks of direction, and letters that are blank (Hangul fillers, the empty Braille cell).
    /// </summary>
    public static ReadOnlySpan<char> Trim(ReadOnlySpan<char> text)
    {
        var start = 0;
        var end = text.Length;
        while (start < end && IsUnseen(text[start]))
        {
            start++;
        }

        while (end > start && IsUnseen(text[end - 1]))
        {
            end--;
        }

        return text[start..end];
    }

    /// <summary>The text trimmed, and without invisible characters in its middle. Blanks in the middle stay: somebody may see them.</summary>
    /// <param name="text">Text.</param>
    /// <param name="joinersMean">True keeps joiners and variation selectors in the middle, which shape emoji and several scripts.</param>
    public static string Strip(string text, bool joinersMean)
    {
        var kept = new char[text.Length];
        var length = 0;
        foreach (var c in text)
        {
            if (!IsStripped(c, joinersMean))
            {
                kept[length++] = c;
            }
        }

        // Taking away may bring a blank to the end, so the ends come last.
        var stripped = Trim(kept.AsSpan(0, length));
        return stripped.Length == text.Length ? text : stripped.ToString();
    }

    private static bool IsStripped(char c, bool joinersMean) => IsInvisible(c) || (!joinersMean && (IsJoiner(c) || IsVariationSelector(c)));

    private static bool IsUnseen(char c) => c is <= ' ' or '\u007F'
        || (c > '\u007F' && (char.IsWhiteSpace(c) || char.IsControl(c) || IsInvisible(c) || IsJoiner(c)
            || c is '\u115F' or '\u1160' or '\u2800' or '\u3164' or '\uFFA0'));

    private static bool IsInvisible(char c) =>
        c is '\u00AD' or '\u034F' or '\u061C' or '\u180E' or '\u200B' or '\u200E' or '\u200F' or (>= '\u202A' and <= '\u202E') or (>= '\u2060' and <= '\u206F') or '\uFEFF';

    private static bool IsJoiner(char c) => c is '\u200C' or '\u200D';

    private static bool IsVariationSelector(char c) => c is (>= '\u180B' and <= '\u180D') or '\u180F' or (>= '\uFE00' and <= '\uFE0F');
}
