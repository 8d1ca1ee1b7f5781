using System.Text;

namespace IntegrationHub.Identity;

/// <summary>
/// The letters that are meant where keyboards and typesetting put others into an address: wide ones of East Asia, ligatures, the dotted capital I of Turkish capitals, and characters beyond
/// the basic plane that nobody sees. Each has one reading in an address; the rest of the text stays. Pure.
/// </summary>
internal static class PlainLetters
{
    private const char FirstWide = '\uFF01';
    private const char LastWide = '\uFF5E';
    private const char FromWide = '\uFEE0';
    private const char FirstLigature = '\uFB00';
    private static readonly string[] _ligatures = ["ff", "fi", "fl", "ffi", "ffl", "st", "st"];

    /// <summary>The text in those letters; itself where it holds no other.</summary>
    public static string Of(string text)
    {
        if (Ascii.IsValid(text))
        {
            return text;
        }

        var plain = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (i + 1 < text.Length && char.IsSurrogatePair(text[i], text[i + 1]) && char.ConvertToUtf32(text[i], text[i + 1]) is >= 0xE0000 and <= 0xE0FFF)
            {
                i++;
                continue;
            }

            _ = text[i] switch
            {
                >= FirstWide and <= LastWide => plain.Append((char)(text[i] - FromWide)),
                >= FirstLigature and <= '\uFB06' => plain.Append(_ligatures[text[i] - FirstLigature]),
                '\u3002' or '\uFF61' => plain.Append('.'),
                '\u0130' => plain.Append('i'),
                '\u17B4' or '\u17B5' => plain,
                _ => plain.Append(text[i]),
            };
        }

        return plain.Length == text.Length && plain.Equals(text) ? text : plain.ToString();
    }
}
