namespace IntegrationHub.Hub.Intake;

/// <summary>Looks whether the quotes of a row say what they seem to say. Pure.</summary>
internal static class CsvQuotes
{
    /// <summary>What is wrong with the quotes of a row.</summary>
    internal enum Finding
    {
        /// <summary>Nothing.</summary>
        None,

        /// <summary>A quoted field goes on after its closing quote.</summary>
        Misplaced,

        /// <summary>The same, or a quote that nothing closes, with a line break inside: the row may hold other rows.</summary>
        RowsJoined,
    }

    /// <summary>Looks at a row as it stands in the file.</summary>
    /// <param name="raw">The row, with its line break or without.</param>
    /// <param name="separator">What stands between fields.</param>
    public static Finding Look(ReadOnlySpan<char> raw, char separator)
    {
        if (!raw.Contains('"'))
        {
            return Finding.None;
        }

        var row = raw;
        while (!raw.IsEmpty)
        {
            if (raw[0] == '"')
            {
                raw = raw[1..];
                var end = Closing(raw);
                raw = raw[(end < 0 ? raw.Length : end + 1)..];
                if (end < 0 || !(raw.IsEmpty || raw[0] == separator || raw[0] is '\r' or '\n'))
                {
                    return row.TrimEnd("\r\n").ContainsAny('\r', '\n') || end < 0 ? Finding.RowsJoined : Finding.Misplaced;
                }
            }

            var next = raw.IndexOf(separator);
            raw = next < 0 ? [] : raw[(next + 1)..];
        }

        return Finding.None;
    }

    /// <summary>True for a field whose quotes stand behind a blank, as programs and people write <c>"id", "name"</c>: a reader takes them for text.</summary>
    public static bool BeginsBehindBlanks(ReadOnlySpan<char> field) => field is [' ' or '\t', ..] && field.Trim() is ['"', _, .., '"'];

    /// <summary>The text between the quotes of such a field; any other field as it is.</summary>
    public static ReadOnlySpan<char> Unquoted(ReadOnlySpan<char> field) => !BeginsBehindBlanks(field) && field.Trim() is not "\"\"" ? field
        : field.Trim()[1..^1] is var text && text.Contains('"') ? text.ToString().Replace("\"\"", "\"", StringComparison.Ordinal) : text;

    private static int Closing(ReadOnlySpan<char> quoted)
    {
        for (var at = 0; at < quoted.Length; at++)
        {
            if (quoted[at] != '"')
            {
                continue;
            }

            if (at + 1 == quoted.Length || quoted[at + 1] != '"')
            {
                return at;
            }

            at++;
        }

        return -1;
    }
}
