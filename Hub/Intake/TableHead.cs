namespace IntegrationHub.Hub.Intake;

/// <summary>The first lines of a table: what exports write before the header line. Pure.</summary>
internal static class TableHead
{
    private const int LookedAt = 12;

    /// <summary>Lines of comments and blanks before the header line; 0 when the line after them is none, for then nothing is certain.</summary>
    /// <param name="head">Begin of the file.</param>
    /// <param name="isHeader">Whether a line names headers that are expected.</param>
    public static int CommentLines(string head, Func<string, bool> isHeader)
    {
        var comments = 0;
        foreach (var line in Lines(head))
        {
            if (isHeader(line))
            {
                return comments;
            }

            if (line.Length > 0 && line[0] != '#')
            {
                return 0;
            }

            comments++;
        }

        return 0;
    }

    /// <summary>The first line that holds anything.</summary>
    /// <param name="head">Begin of the file.</param>
    /// <param name="after">After so many lines.</param>
    public static string FirstLine(string head, int after) => Lines(head).Skip(after).FirstOrDefault(line => line.Length > 0) ?? "";

    /// <summary>Number of the line with the most expected headers, at least two, when it is not the first one; else null.</summary>
    /// <param name="head">Begin of the file.</param>
    /// <param name="known">How many expected headers a line names.</param>
    public static long? HeaderLine(string head, Func<string, int> known)
    {
        var (number, most) = Lines(head).Take(LookedAt).Select((line, index) => (Number: index + 1, Known: known(line))).DefaultIfEmpty().MaxBy(line => line.Known);
        return most > 1 && number > 1 ? number : null;
    }

    private static IEnumerable<string> Lines(string head)
    {
        using var reader = new StringReader(head);
        while (reader.ReadLine() is { } line)
        {
            yield return line.Trim('\uFEFF');
        }
    }
}
