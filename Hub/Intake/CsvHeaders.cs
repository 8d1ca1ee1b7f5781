using System.Globalization;
using IntegrationHub.Hub.Configuration;

namespace IntegrationHub.Hub.Intake;

/// <summary>Finds the columns of a header line. Pure.</summary>
internal static class CsvHeaders
{
    private const int LongestShown = 64;

    /// <summary>The position of every known header, first the required ones, then the optional ones; -1 for an optional one that is not there.</summary>
    /// <param name="file">Name for error messages.</param>
    /// <param name="line">Line of the header line.</param>
    /// <param name="headers">The headers in their order; null for an empty one.</param>
    /// <param name="required">Headers that must be there.</param>
    /// <param name="optional">Headers that may be there.</param>
    /// <param name="ignoresOthers">True to leave columns out that have another header, and to forgive capitals.</param>
    /// <param name="likelyLine">Line that looks like the header line, or null.</param>
    /// <exception cref="SnapshotFormatException">A header is unknown, twice or missing.</exception>
    public static int[] Bind(string file, long line, IReadOnlyList<string?> headers, IReadOnlyList<string> required, IReadOnlyList<string> optional, bool ignoresOthers = false, long? likelyLine = null)
    {
        string[] known = [.. required, .. optional];
        var spelling = ignoresOthers ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;
        var expected = ignoresOthers ? $"Expected is one of: {string.Join(", ", known)}." : $"Expected are: {string.Join(',', required)}.";
        if (headers.Any(header => header?.Contains(SnapshotFile.Undecodable, StringComparison.Ordinal) == true))
        {
            throw Error(null, "not_utf8", "The header line is not valid UTF-8.", "Save the file as CSV UTF-8. ");
        }

        if (!headers.Any(header => Array.Exists(known, name => name.Equals(header, spelling))))
        {
            throw likelyLine > line
                ? Error(null, "header_line_missing", "The first line holds none of the expected headers.", string.Create(CultureInfo.InvariantCulture, $"Line {likelyLine} looks like the header line: delete the lines before it. "))
                : NoHeaderLine();
        }

        var positions = new int[known.Length];
        Array.Fill(positions, -1);
        for (var position = 0; position < headers.Count; position++)
        {
            if (headers[position] is not { } header)
            {
                continue;
            }

            var column = Array.FindIndex(known, name => name.Equals(header, spelling));
            if (column < 0 && ignoresOthers)
            {
                continue;
            }

            if (column < 0)
            {
                throw Error(
                    header,
                    "header_unknown",
                    string.Create(CultureInfo.InvariantCulture, $"Column {position + 1} has the unknown header {Shorten(header)}."),
                    $"{Spelling.Hint(header, known)}Name the column in the audience's file, if only as ignored, or leave it out. ");
            }

            if (positions[column] >= 0)
            {
                throw Error(header, "header_duplicate", $"The header {header} stands twice.", "Rename one of the columns or leave it out. ");
            }

            positions[column] = position;
        }

        string[] missing = [.. required.Where((_, column) => positions[column] < 0)];
        return missing.Length == 0
            ? positions
            : throw Error(missing[0], "header_missing", $"{(missing.Length == 1 ? "This header is" : "These headers are")} missing: {string.Join(',', missing)}.", "");

        // Nothing of the line is told: where it is no header line it holds people.
        SnapshotFormatException NoHeaderLine() => headers is [{ } only] && known.Count(name => only.Contains(name, StringComparison.Ordinal)) > 1
            ? Error(null, "header_in_quotes", "The whole line stands in one pair of quotes, or an unknown separator stands between the headers.", "Save the file as CSV anew, with a comma, semicolon, tab or pipe as the separator. ")
            : headers.Any(header => header is ['\'', .., '\''] && Array.Exists(known, name => name.Equals(header[1..^1], spelling)))
            ? Error(null, "header_in_quotes", "The headers stand in single quotes.", "Save the file as CSV anew, with double quotes or none. ")
            : Error(
                null,
                "header_line_missing",
                headers.Any(header => Array.Exists(known, name => Spelling.Nearest(header ?? "", [name]) is not null))
                    ? "The first line holds none of the expected headers, though some come near."
                    : "The first line holds none of the expected headers; it may be a row, or the file of another audience.",
                "Write the header line, spelled as in the audience's file. ");

        SnapshotFormatException Error(string? header, string code, string problem, string hint) =>
            new(file, line, header is null ? null : Shorten(header), code, problem, $"{hint}{expected}");
    }

    private static string Shorten(string header) => header.Length <= LongestShown ? header : header[..LongestShown];
}
