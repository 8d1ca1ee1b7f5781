namespace IntegrationHub.Hub.Mapping;

/// <summary>Writes names that came in capitals, or without any, as people write them.</summary>
internal static class NameCase
{
    private const char FirstMkhedruli = '\u10D0';
    private const char FirstMtavruli = '\u1C90';

    /// <summary>
    /// Capital first letters: after a space, a hyphen or a period, and after an apostrophe that two or more letters follow
    /// (<c>O'BRIEN</c> to <c>O'Brien</c>). A name that mixes cases already (<c>McDonald</c>) is somebody's spelling and stays.
    /// </summary>
    public static void Apply(Span<char> name)
    {
        bool hasUpper = false, hasLower = false;
        foreach (var c in name)
        {
            hasUpper |= char.IsUpper(c);
            hasLower |= char.IsLower(c);
        }

        if (hasUpper && hasLower)
        {
            return;
        }

        var startsWord = true;
        for (var i = 0; i < name.Length; i++)
        {
            var c = name[i];
            if (char.IsLetter(c))
            {
                name[i] = startsWord ? Capital(c) : Small(name, i);
                startsWord = false;
            }
            else
            {
                startsWord = char.IsWhiteSpace(c) || c is '-' or '.' || (c is '\'' or '\u2019' && LettersAfter(name, i) >= 2);
            }
        }
    }

    /// <summary>A small letter: the dotted capital I, which has none of its own, becomes i.</summary>
    public static char Lower(char c) => c switch
    {
        '\u0130' => 'i',
        >= FirstMtavruli and <= '\u1CBF' => (char)(c - FirstMtavruli + FirstMkhedruli),
        _ => char.ToLowerInvariant(c),
    };

    /// <summary>A letter at the begin of a word. Georgian has no capitals there, and a letter that is two has one of them as a capital.</summary>
    private static char Capital(char c) => c switch
    {
        >= FirstMkhedruli and <= '\u10FF' => c,
        >= FirstMtavruli and <= '\u1CBF' => Lower(c),
        '\u0131' => 'I',
        >= '\u01C4' and <= '\u01C6' => '\u01C5',
        >= '\u01C7' and <= '\u01C9' => '\u01C8',
        >= '\u01CA' and <= '\u01CC' => '\u01CB',
        >= '\u01F1' and <= '\u01F3' => '\u01F2',
        _ => char.ToUpperInvariant(c),
    };

    private static char Small(ReadOnlySpan<char> name, int index) =>
        name[index] == '\u03A3' && LettersAfter(name, index) == 0 ? '\u03C2' : Lower(name[index]);

    private static int LettersAfter(ReadOnlySpan<char> name, int index)
    {
        var count = 0;
        while (index + 1 + count < name.Length && char.IsLetter(name[index + 1 + count]))
        {
            count++;
        }

        return count;
    }
}
