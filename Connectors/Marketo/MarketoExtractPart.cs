using System.Globalization;
using System.Text.Json;
using CsvHelper;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.Marketo.Wire;

namespace IntegrationHub.Connectors.Marketo;

/// <summary>Whole rows of a part of an extract's file.</summary>
/// <param name="Bytes">The rows as they were sent; the rest of the part is read again with the next one.</param>
/// <param name="Rows">Id, key, then the fields of each.</param>
internal sealed record MarketoExtractPart(byte[] Bytes, IReadOnlyList<string[]> Rows)
{
    /// <summary>The vendor writes this for a field that holds nothing.</summary>
    private const string Nothing = "null";

    private const byte Quote = (byte)'"', LineEnd = (byte)'\n';

    private static readonly CsvReaderOptions _read = new() { Separator = ',', HasHeader = false, IncludeValuesInExceptions = false };

    /// <summary>Reads a part that begins with a row.</summary>
    /// <param name="utf8">The part.</param>
    /// <param name="length">Bytes that were asked for.</param>
    /// <param name="columns">The columns in the order asked for.</param>
    /// <param name="hasHeader">True for the first part.</param>
    /// <param name="isLast">True for the one with the file's last byte.</param>
    public static MarketoAnswer Read(byte[] utf8, long length, IReadOnlyList<string> columns, bool hasHeader, bool isLast)
    {
        if (utf8.AsSpan().TrimStart(" \r\n\t"u8).StartsWith("{"u8))
        {
            return MarketoAnswer.Parse(utf8) is { Failure: not null } failed ? failed : Unreadable;
        }

        var whole = utf8[..(isLast ? utf8.Length : EndOfRows(utf8))];
        if (utf8.Length != length || whole.Length == 0)
        {
            return Unreadable;
        }

        try
        {
            var rows = new List<string[]>();
            using var csv = CsvReader.Create(whole, _read);
            while (csv.Read())
            {
                rows.Add([.. Enumerable.Range(0, csv.FieldCount).Select(csv.GetString)]);
            }

            if (hasHeader && (rows.Count == 0 || !rows[0].SequenceEqual(columns, StringComparer.Ordinal)))
            {
                return Unreadable;
            }

            rows.RemoveRange(0, hasHeader ? 1 : 0);
            return rows.All(row => row.Length == columns.Count && IsId(row[0])) ? MarketoAnswer.OfContent(new MarketoExtractPart(whole, rows)) : Unreadable;
        }
        catch (CsvFormatException)
        {
            return Unreadable;
        }
    }

    /// <summary>The members of the rows.</summary>
    public IEnumerable<RemoteMember> Members(MarketoOptions options) => Rows.Select(row => new RemoteMember(row[0], row[1] == Nothing ? null : options.Normal(row[1])));

    /// <summary>The same people with their fields; nobody when there is none.</summary>
    public IEnumerable<RemoteProfile> Profiles(MarketoOptions options, IReadOnlyList<string> columns, IReadOnlyList<string> fields)
    {
        var asked = fields.Select(field => (Name: field, At: columns.ToList().IndexOf(field))).ToList();
        return asked.Count == 0 ? [] : Rows.Where(row => row[1] != Nothing).Select(row => new RemoteProfile(
            options.Normal(row[1]), row[0],
            asked.Where(field => row[field.At] != Nothing).ToDictionary(field => field.Name, field => JsonSerializer.Serialize(row[field.At]), StringComparer.Ordinal)));
    }

    private static MarketoAnswer Unreadable => MarketoAnswer.Failed(MarketoOutcomes.ExtractUnreadable);

    /// <summary>Where the last whole row ends: a line's end within quotes is part of a value.</summary>
    private static int EndOfRows(ReadOnlySpan<byte> utf8)
    {
        var (end, isQuoted) = (0, false);
        for (var at = 0; at < utf8.Length; at++)
        {
            if (utf8[at] == Quote)
            {
                isQuoted = !isQuoted;
            }
            else if (utf8[at] == LineEnd && !isQuoted)
            {
                end = at + 1;
            }
        }

        return end;
    }

    private static bool IsId(string text) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id) && id > 0;
}
