using System.Globalization;

namespace IntegrationHub.Hub.Mapping;

/// <summary>Writes names that came in capitals, or without any, as people write them.</summary>
internal static class NameCase
{
    private const char FirstMkhedruli = '\u10D0';
    private const char FirstMtavruli = '\u1C90';
    private const char SharpS = '\u00DF';

    /// <summary>A letter of Hawaiian without a capital; the one behind it has.</summary>
    private const char Okina = '\u02BB';

    /// <summary>
    /// Capital first letters: at the begin, after blanks and punctuation, and after an apostrophe of any shape that two or more letters follow
    /// (<c>O'BRIEN</c> to <c>O'Brien</c>). A name that mixes cases already (<c>McDonald</c>) is somebody's spelling and stays. The sharp s stands
    /// small among capitals (<c>GROßMANN</c>); Cherokee is written in its capitals alone.
    /// </summary>
    public static void Apply(Span<char> name)
    {
        bool hasUpper = false, hasLower = false;
        foreach (var c in name)
        {
            hasUpper |= char.IsUpper(c);
            hasLower |= char.IsLower(c) && c != SharpS;
        }

        if (hasUpper && hasLower)
        {
            return;
        }

        var startsWord = true;
        for (var i = 0; i < name.Length; i++)
        {
            var c = name[i];
            if (char.IsLetter(c) && !IsApostrophe(c) && c != Okina)
            {
                name[i] = startsWord ? Capital(c) : Small(name, i);
                startsWord = false;
            }
            else
            {
                startsWord = IsApostrophe(c) ? LettersAfter(name, i) >= 2 : StartsWord(c, startsWord);
            }
        }

        RaiseNumeral(name);
    }

    /// <summary>A capital letter: the dotless small i, which has none of its own, becomes I.</summary>
    public static char Upper(char c) => c == '\u0131' ? 'I' : char.ToUpperInvariant(c);

    /// <summary>A small letter: the dotted capital I, which has none of its own, becomes i.</summary>
    public static char Lower(char c) => c switch
    {
        '\u0130' => 'i',
        >= '\u13A0' and <= '\u13F5' => c,
        _ => char.ToLowerInvariant(c),
    };

    /// <summary>A letter at the begin of a word. Georgian has no capitals there, and a letter that is two has one of them as a capital.</summary>
    private static char Capital(char c) => c switch
    {
        >= FirstMkhedruli and <= '\u10FF' => c,
        >= FirstMtavruli and <= '\u1CBF' => Lower(c),
        SharpS => c,
        >= '\u01C4' and <= '\u01C6' => '\u01C5',
        >= '\u01C7' and <= '\u01C9' => '\u01C8',
        >= '\u01CA' and <= '\u01CC' => '\u01CB',
        >= '\u01F1' and <= '\u01F3' => '\u01F2',
        _ => Upper(c),
    };

    /// <summary>A numeral behind a name stands in capitals (<c>John Smith III</c>). VI and XI are names as well, and stay.</summary>
    private static void RaiseNumeral(Span<char> name)
    {
        var last = name.TrimEnd();
        var start = last.LastIndexOfAny(' ', '\u00A0') + 1;
        if (start > 0 && last[start..] is "Ii" or "Iii" or "Iv" or "Vii" or "Viii" or "Ix")
        {
            foreach (ref var c in last[start..])
            {
                c = Upper(c);
            }
        }
    }

    private static char Small(ReadOnlySpan<char> name, int index) =>
        name[index] == '\u03A3' && LettersAfter(name, index) == 0 ? '\u03C2' : Lower(name[index]);

    /// <summary>Whether a letter behind a character that is none begins a word. Marks and what nobody sees leave it as it was; the Catalan dot stands inside a word.</summary>
    private static bool StartsWord(char c, bool before) => char.GetUnicodeCategory(c) switch
    {
        UnicodeCategory.ModifierLetter => before,
        _ when IsPartOfLetter(c) => before,
        UnicodeCategory.DecimalDigitNumber => false,
        _ => c != '\u00B7',
    };

    private static bool IsApostrophe(char c) => c is '\'' or '`' or '\u00B4' or '\u02BC' or '\u2018' or '\u2019';

    /// <summary>Letters that follow at once, counted without the marks that belong to them.</summary>
    private static int LettersAfter(ReadOnlySpan<char> name, int index)
    {
        var count = 0;
        while (++index < name.Length && (char.IsLetter(name[index]) || IsPartOfLetter(name[index])))
        {
            count += char.IsLetter(name[index]) ? 1 : 0;
        }

        return count;
    }

    private static bool IsPartOfLetter(char c) => char.GetUnicodeCategory(c) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark or UnicodeCategory.Format;
}
