using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Identity;

namespace IntegrationHub.Hub.Intake;

/// <summary>Streams a snapshot of an audience with bounded memory. May be used for several files, one after the other or at once.</summary>
/// <param name="audience">The audience whose columns are expected.</param>
/// <param name="maxFieldBytes">Longest field in bytes of UTF-8; a line of NDJSON may be 16 times as long.</param>
/// <param name="now">The time of the file: what it says of consent counts from then on, unless a column says when.</param>
internal sealed class SnapshotReader(AudienceConfiguration audience, int maxFieldBytes = SnapshotReader.DefaultMaxFieldBytes, DateTimeOffset now = default)
{
    /// <summary>Longest field unless told otherwise: 64 KiB.</summary>
    public const int DefaultMaxFieldBytes = 64 * 1024;

    private const int FieldsPerLine = 16;

    private readonly SnapshotColumn[] _columns = [.. audience.Columns];

    /// <summary>Reads every row, accepted and rejected, in the order of the file.</summary>
    /// <param name="stream">The file's bytes; not closed.</param>
    /// <param name="format">How it is written.</param>
    /// <param name="fileName">Name for error messages.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="SnapshotFormatException">The file as a whole cannot be read; thrown by the enumeration.</exception>
    public async IAsyncEnumerable<SnapshotRow> ReadAsync(
        Stream stream, SnapshotFormat format, string fileName, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var headers = _columns.Select(static c => c.Header).ToArray();
        using var file = await SnapshotFile.OpenAsync(stream, format, fileName, headers, cancellationToken);
        var rows = file.Format == SnapshotFormat.Csv ? ReadCsvAsync(file, headers, cancellationToken) : ReadNdjsonAsync(file.Utf8, cancellationToken);
        await foreach (var row in rows.WithCancellation(cancellationToken))
        {
            yield return row;
        }
    }

    private async IAsyncEnumerable<SnapshotRow> ReadCsvAsync(
        SnapshotFile file, string[] headers, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string[] optional = headers.Contains(SnapshotRowBuilder.IsMemberHeader) ? [] : [SnapshotRowBuilder.IsMemberHeader];
        await using var table = await CsvTable.OpenAsync(file, headers, optional, maxFieldBytes, cancellationToken);
        using var builder = new SnapshotRowBuilder(_columns, audience.DefaultCountry, ConsentSource.ListOf(audience.Key), now);
        var hasIsMember = optional.Length > 0 && table.Has(headers.Length);
        var idColumn = Array.FindIndex(_columns, static c => c.Role == ColumnRole.ExternalId);
        while (await table.ReadAsync(cancellationToken))
        {
            if (table.FindDefect(idColumn) is { } defect)
            {
                yield return new SnapshotRow(default, defect);
                continue;
            }

            builder.Begin(table.Line);
            for (var column = 0; column < headers.Length; column++)
            {
                builder.SetText(column, table.Get(column));
            }

            if (hasIsMember)
            {
                builder.SetIsMember(table.Get(headers.Length));
            }

            yield return builder.Finish();
        }
    }

    private async IAsyncEnumerable<SnapshotRow> ReadNdjsonAsync(Stream stream, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var maxLineBytes = maxFieldBytes * FieldsPerLine;
        var lines = new NdjsonLines(stream, maxLineBytes);
        using var builder = new SnapshotRowBuilder(_columns, audience.DefaultCountry, ConsentSource.ListOf(audience.Key), now);
        var seen = new bool[_columns.Length + 1];
        while (await lines.ReadAsync(cancellationToken))
        {
            if (lines is { IsTooLong: false, Current.IsEmpty: true })
            {
                continue;
            }

            builder.Begin(lines.Line);
            if (lines.IsTooLong)
            {
                builder.Reject("row", "line_too_long", string.Create(CultureInfo.InvariantCulture, $"The line is longer than {maxLineBytes} bytes."));
            }
            else
            {
                seen.AsSpan().Clear();
                ReadObject(lines.Current.Span, builder, seen);
            }

            var row = builder.Finish();
            yield return row.Reject is { } reject && !lines.IsTooLong ? row with { Reject = reject with { ExternalIds = PossibleIds(lines.Current.Span) } } : row;
        }
    }

    /// <summary>What the id's property seems to say in a line that cannot be read as a whole: whoever is named stays as they are.</summary>
    private string[] PossibleIds(ReadOnlySpan<byte> line)
    {
        var reader = new Utf8JsonReader(line, new JsonReaderOptions { AllowMultipleValues = true });
        var ids = new HashSet<string>(StringComparer.Ordinal);
        try
        {
            while (reader.Read())
            {
                if (reader.TokenType == JsonTokenType.PropertyName && reader.CurrentDepth == 1 && FindColumn(ref reader) is var column
                    && column >= 0 && column < _columns.Length && _columns[column].Role == ColumnRole.ExternalId && reader.Read())
                {
                    var id = reader.TokenType == JsonTokenType.String ? reader.GetString()! : SnapshotRowBuilder.IdOf(reader.ValueSpan);
                    if (reader.TokenType is not (JsonTokenType.String or JsonTokenType.Number) || id.Contains('\0') || NormalKey.OfId(id) is not { } normal || SpoiltId.IsOne(normal))
                    {
                        return [];
                    }

                    ids.Add(normal);
                }
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The rest of the line says nothing.
        }

        return [.. ids];
    }

    private void ReadObject(ReadOnlySpan<byte> line, SnapshotRowBuilder builder, bool[] seen)
    {
        if (line.Contains((byte)0))
        {
            builder.Reject("row", "nul_byte", "The line holds a NUL byte.");
            return;
        }

        if (!Utf8.IsValid(line))
        {
            builder.Reject("row", "not_utf8", "The line is not valid UTF-8.");
            return;
        }

        try
        {
            var reader = new Utf8JsonReader(line);
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                builder.Reject("row", "json_not_object", "Write one JSON object per line.");
                return;
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                ReadProperty(ref reader, builder, seen);
            }

            if (reader.Read())
            {
                builder.Reject("row", "json_malformed", "Write one JSON object per line.");
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The reader says InvalidOperation for an escaped half of a surrogate pair.
            builder.Reject("row", "json_malformed", "The line is not valid JSON.");
        }
    }

    private void ReadProperty(ref Utf8JsonReader reader, SnapshotRowBuilder builder, bool[] seen)
    {
        var column = FindColumn(ref reader);
        var field = column < 0 ? "row" : column == _columns.Length ? SnapshotRowBuilder.IsMemberHeader : _columns[column].Header;
        reader.Read();
        if (column < 0)
        {
            builder.Reject(field, "property_unknown", "The line has a property that the audience's columns do not name.");
            reader.Skip();
            return;
        }

        if (seen[column])
        {
            builder.Reject(field, "property_duplicate", "The property stands twice.");
        }

        seen[column] = true;
        switch (reader.TokenType)
        {
            case JsonTokenType.String:
                ReadText(ref reader, builder, column, field);
                break;
            case JsonTokenType.Number when column < _columns.Length:
                builder.SetNumber(column, reader.ValueSpan);
                break;
            case JsonTokenType.Number:
                builder.SetIsMember(reader.ValueSpan);
                break;
            case JsonTokenType.True or JsonTokenType.False when column < _columns.Length:
                builder.SetBoolean(column, reader.GetBoolean());
                break;
            case JsonTokenType.True or JsonTokenType.False:
                builder.SetIsMember(reader.ValueSpan);
                break;
            case JsonTokenType.Null when column < _columns.Length:
                builder.SetNull(column);
                break;
            case JsonTokenType.Null:
                break;
            default:
                builder.Reject(field, "value_not_scalar", "Write a string, a number, true, false or null.");
                reader.Skip();
                break;
        }
    }

    private void ReadText(ref Utf8JsonReader reader, SnapshotRowBuilder builder, int column, string field)
    {
        if (reader.ValueSpan.Length > maxFieldBytes)
        {
            builder.Reject(field, "field_too_long", string.Create(CultureInfo.InvariantCulture, $"The field is longer than {maxFieldBytes} bytes."));
            return;
        }

        var text = reader.ValueSpan;
        if (reader.ValueIsEscaped)
        {
            var unescaped = new byte[text.Length];
            text = unescaped.AsSpan(0, reader.CopyString(unescaped));
            if (text.Contains((byte)0))
            {
                builder.Reject(field, "nul_byte", "The field holds a NUL character.");
                return;
            }
        }

        if (column == _columns.Length)
        {
            builder.SetIsMember(text);
        }
        else
        {
            builder.SetText(column, text);
        }
    }

    private int FindColumn(ref Utf8JsonReader reader)
    {
        for (var column = 0; column < _columns.Length; column++)
        {
            if (reader.ValueTextEquals(_columns[column].Header))
            {
                return column;
            }
        }

        return reader.ValueTextEquals(SnapshotRowBuilder.IsMemberHeader) ? _columns.Length
            : Array.FindIndex(_columns, Has(SnapshotFile.HeaderOf(reader.GetString())));

        static Predicate<SnapshotColumn> Has(string header) => column => column.Header == header;
    }
}
