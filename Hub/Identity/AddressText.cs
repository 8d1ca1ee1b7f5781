using System.Buffers;

namespace IntegrationHub.Identity;

/// <summary>
/// E-mail addresses as people and programs write them down: with a name before them, as a link, in quotes, with the mark that follows in a list, in letters of another width. Whoever is named by such a text is the
/// person of the address in it; a withdrawal kept under the whole text would hold for nobody. Pure.
/// </summary>
public static class AddressText
{
    private const string Link = "mailto:";
    private const string EscapedAt = "%40";
    private static readonly SearchValues<char> _inNone = SearchValues.Create("<>,;:()[]\"\\");
    private static readonly char[] _between = [',', ';', '|', ' ', '\t', '\r', '\n', '\u00A0'];

    /// <summary>The address in a text, without what stands around it; the text itself, trimmed, where no single address can be told.</summary>
    public static string? Bare(string? text)
    {
        text = text is null ? null : PlainLetters.Of(text.Contains(EscapedAt, StringComparison.OrdinalIgnoreCase) && !text.Contains('@', StringComparison.Ordinal) ? Uri.UnescapeDataString(text) : text);
        var bare = InvisibleText.Trim(text);
        int length;
        do
        {
            length = bare.Length;
            bare = InvisibleText.Trim(Peeled(bare));
        }
        while (bare.Length < length);
        return text is null ? null : bare.Length == text.Length ? text : bare.Contains('@') ? bare.ToString() : InvisibleText.Trim(text).ToString();
    }

    /// <summary>Every address that a text seems to name, or the text where it names none: for a withdrawal, which holds for each.</summary>
    public static IEnumerable<string> AllOf(string text)
    {
        var bare = Bare(text)!;
        if (NormalKey.OfEmail(bare) is { } normal && MayBeOne(normal))
        {
            return [bare];
        }

        string[] named = [.. bare.Split(_between, StringSplitOptions.RemoveEmptyEntries).Select(Bare).OfType<string>().Where(static part => part.Contains('@', StringComparison.Ordinal))];
        return named.Length == 0 ? [bare] : named;
    }

    /// <summary>
    /// Whether a text, in the normal form of an address, may be one. False for what names several people or none: a blank, a comma or a bracket in it, or not exactly one <c>@</c>.
    /// Stricter than this are vendors; looser is nobody.
    /// </summary>
    public static bool MayBeOne(string normal)
    {
        var at = normal.IndexOf('@', StringComparison.Ordinal);
        return at > 0 && at < normal.Length - 1 && at == normal.LastIndexOf('@') && !normal.AsSpan().ContainsAny(_inNone)
            && !normal.Any(static c => char.IsWhiteSpace(c) || char.IsControl(c));
    }

    private static ReadOnlySpan<char> Peeled(ReadOnlySpan<char> text) => text switch
    {
        [] => text,
        _ when text.StartsWith(Link, StringComparison.OrdinalIgnoreCase) => BeforeQuestion(text[Link.Length..]),
        [.., '>'] when text.Count('<') == 1 => text[(text.IndexOf('<') + 1)..^1],
        [.., ';' or ',' or '.'] => text[..^1],
        ['"', .., '"'] or ['\'', .., '\''] or ['\u2018', .., '\u2019'] or ['\u201C', .., '\u201D'] or ['(', .., ')'] or ['[', .., ']'] => text[1..^1],
        ['\'' or '\u2019', ..] => text[1..], // a spreadsheet's mark of a text
        _ => text,
    };

    private static ReadOnlySpan<char> BeforeQuestion(ReadOnlySpan<char> text) => text.IndexOf('?') is var mark && mark >= 0 ? text[..mark] : text;
}
