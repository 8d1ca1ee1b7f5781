using IntegrationHub.Identity;
using Sylvan.Data.Csv;

namespace IntegrationHub.Hub.Intake;

/// <summary>Whom a row of a table that cannot be read may be about. Pure.</summary>
internal static class CsvPeople
{
    /// <summary>
    /// The id counted from the row's begin and, where columns have shifted, from its end: a superset is harmless, for whoever is named stays as
    /// they are. None when the row may hold several people, or the field itself is damaged (a quote in it may be none of it), blank, or where the row was cut.
    /// </summary>
    /// <param name="reader">At the row.</param>
    /// <param name="separator">What stands between fields.</param>
    /// <param name="headers">How many columns the header line has.</param>
    /// <param name="position">Which of them holds the id.</param>
    public static List<string> PossibleIds(CsvDataReader reader, char separator, int headers, int position)
    {
        var ids = new List<string>(2);
        var raw = reader.GetRawRecordSpan().TrimEnd("\r\n");
        if (raw.ContainsAny('\r', '\n'))
        {
            return ids;
        }

        // Nothing can have shifted before the first column, nor after the last one.
        var shift = reader.RowFieldCount - headers;
        int[] places = shift == 0 || position == 0 ? [position] : position == headers - 1 ? [position + shift] : [position, position + shift];
        foreach (var at in places)
        {
            if (at < 0 || at >= reader.RowFieldCount)
            {
                continue;
            }

            var field = reader.GetFieldSpan(at);
            if ((shift < 0 && at == reader.RowFieldCount - 1) || !StandsAlone(raw, field, separator) || field.ContainsAny('"', '\0', SnapshotFile.Undecodable) || NormalKey.OfId(CsvTable.Unguarded(field).ToString()) is not { Length: <= SnapshotRowBuilder.MaxExternalIdChars } id || SpoiltId.IsOne(id))
            {
                return [];
            }

            ids.Add(id);
        }

        return ids;
    }

    /// <summary>True when a field stands in the row as it was read, bare or in one pair of quotes.</summary>
    private static bool StandsAlone(ReadOnlySpan<char> row, ReadOnlySpan<char> field, char separator)
    {
        for (var from = 0; row[from..].IndexOf(field) is var at && at >= 0; from += at + 1)
        {
            var (start, end) = (from + at, from + at + field.Length);
            if (start > 0 && row[start - 1] == '"' && end < row.Length && row[end] == '"')
            {
                (start, end) = (start - 1, end + 1);
            }

            if ((start == 0 || row[start - 1] == separator) && (end == row.Length || row[end] == separator))
            {
                return true;
            }

            if (field.IsEmpty)
            {
                return false;
            }
        }

        return false;
    }
}
