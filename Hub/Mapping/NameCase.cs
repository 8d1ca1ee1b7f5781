namespace IntegrationHub.Hub.Mapping;

/// <summary>Writes names that came in capitals, or without any, as people write them.</summary>
internal static class NameCase
{
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
                name[i] = startsWord ? char.ToUpperInvariant(c) : char.ToLowerInvariant(c);
                startsWord = false;
            }
            else
            {
                startsWord = char.IsWhiteSpace(c) || c is '-' or '.' || (c is '\'' or '\u2019' && LettersAfter(name, i) >= 2);
            }
        }
    }

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
