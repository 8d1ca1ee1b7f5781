using System.Globalization;
using System.Text;
using System.Text.Unicode;
using CsvHelper;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Storage.Ledger;

namespace IntegrationHub.Hub.Intake;

/// <summary>A CSV file with known headers in any order, read row by row as UTF-8 with bounded memory.</summary>
internal sealed class CsvTable : IAsyncDisposable
{
    private readonly string _fileName;
    private readonly int _maxFieldBytes;
    private readonly CsvReader _reader;
    private long _malformedLine;
    private CsvMalformedReason _malformedReason;
    private string[] _headers = [];
    private int[] _positions = [];

    private CsvTable(Stream stream, string fileName, int maxFieldBytes)
    {
        _fileName = fileName;
        _maxFieldBytes = maxFieldBytes;
        _reader = CsvReader.Create(
            new CsvFieldGuard(stream, maxFieldBytes),
            new CsvReaderOptions
            {
                Separator = ',',
                HasHeader = false,
                TrackLineNumbers = true,
                IncludeValuesInExceptions = false,
                OnMalformedRecord = OnMalformedRecord,
            },
            leaveOpen: true);
    }

    /// <summary>Line where the row begins, from 1.</summary>
    public long Line => _reader.LineNumber;

    /// <summary>Opens a file and checks its header line.</summary>
    /// <param name="stream">The file's bytes; not closed.</param>
    /// <param name="fileName">Name for error messages.</param>
    /// <param name="required">Headers that must be there; <see cref="Get"/> takes their index.</param>
    /// <param name="optional">Headers that may be there; their indexes follow.</param>
    /// <param name="maxFieldBytes">Longest field.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="SnapshotFormatException">The header line is missing or wrong.</exception>
    public static async Task<CsvTable> OpenAsync(
        Stream stream,
        string fileName,
        IReadOnlyList<string> required,
        IReadOnlyList<string> optional,
        int maxFieldBytes,
        CancellationToken cancellationToken)
    {
        var table = new CsvTable(stream, fileName, maxFieldBytes);
        try
        {
            if (!await table.MoveAsync(cancellationToken))
            {
                throw new SnapshotFormatException(
                    fileName, 1, null, "file_empty", "The file is empty.", $"Write a header line: {string.Join(',', required)}.");
            }

            table.BindHeaders(required, optional);
            return table;
        }
        catch
        {
            await table.DisposeAsync();
            throw;
        }
    }

    /// <summary>Moves to the next row.</summary>
    /// <returns>False at the end of the file.</returns>
    /// <exception cref="SnapshotFormatException">The rest of the file cannot be told apart into rows.</exception>
    public ValueTask<bool> ReadAsync(CancellationToken cancellationToken) => MoveAsync(cancellationToken);

    /// <summary>What makes the whole row unreadable, or null.</summary>
    public SnapshotReject? FindDefect()
    {
        if (_malformedLine == Line)
        {
            return Reject("row", "quote_malformed", "A quote stands inside a field. Put the field in quotes and double the quote inside.");
        }

        if (_reader.FieldCount != _headers.Length)
        {
            return Reject(
                _reader.FieldCount < _headers.Length ? _headers[_reader.FieldCount] : "row",
                "column_count",
                string.Create(CultureInfo.InvariantCulture, $"The row has {_reader.FieldCount} columns, the header line has {_headers.Length}."));
        }

        var raw = _reader.RawRecord;
        if (raw.Contains((byte)0))
        {
            var column = 0;
            while (column < _headers.Length - 1 && !_reader.GetSpan(column).Contains((byte)0))
            {
                column++;
            }

            return Reject(_headers[column], "nul_byte", "The field holds a NUL byte.");
        }

        return Utf8.IsValid(raw) ? null : Reject("row", "not_utf8", "The row is not valid UTF-8. Save the file as UTF-8.");
    }

    /// <summary>True when an optional column is there.</summary>
    public bool Has(int column) => _positions[column] >= 0;

    /// <summary>The field of a column in the current row, as UTF-8, unquoted. Valid until the next row.</summary>
    public ReadOnlySpan<byte> Get(int column) => _reader.GetSpan(_positions[column]);

    /// <summary>The field of a column in the current row.</summary>
    public string GetText(int column) => Encoding.UTF8.GetString(Get(column));

    /// <summary>A reject at the current line.</summary>
    public SnapshotReject Reject(string field, string code, string problem) => new(Line, field, code, problem);

    /// <inheritdoc />
    public ValueTask DisposeAsync() => _reader.DisposeAsync();

    private async ValueTask<bool> MoveAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (!await _reader.ReadAsync(cancellationToken))
            {
                return false;
            }
        }
        catch (CsvFieldTooLongException e)
        {
            var field = e.Column < _headers.Length ? _headers[e.Column] : string.Create(CultureInfo.InvariantCulture, $"column {e.Column + 1}");
            throw new SnapshotFormatException(
                _fileName,
                e.Line,
                field,
                "field_too_long",
                string.Create(CultureInfo.InvariantCulture, $"The field is longer than {_maxFieldBytes} bytes."),
                "Shorten it, or close the quote that begins it.");
        }

        if (_malformedLine == Line && (_malformedReason == CsvMalformedReason.UnterminatedQuote || _reader.RawRecord.Contains((byte)'\n')))
        {
            throw new SnapshotFormatException(
                _fileName,
                Line,
                null,
                "quote_unclosed",
                "A quote is opened in this line and not closed where it should be, so that the rows after it cannot be told apart.",
                "Close the quote, and double every quote that is meant as text.");
        }

        return true;
    }

    private void OnMalformedRecord(CsvMalformedRecord record)
    {
        _malformedLine = record.LineNumber;
        _malformedReason = record.Reason;
    }

    private void BindHeaders(IReadOnlyList<string> required, IReadOnlyList<string> optional)
    {
        _headers = new string[_reader.FieldCount];
        _positions = new int[required.Count + optional.Count];
        Array.Fill(_positions, -1);
        var known = required.Concat(optional).ToArray();
        for (var position = 0; position < _headers.Length; position++)
        {
            var header = Encoding.UTF8.GetString(_reader.GetSpan(position)).Trim();
            var column = Array.IndexOf(known, header);
            if (column < 0)
            {
                throw HeaderError(
                    required, header, "header_unknown", $"Column {(position + 1).ToString(CultureInfo.InvariantCulture)} has an unknown header.", Spelling.Hint(header, known));
            }

            if (_positions[column] >= 0)
            {
                throw HeaderError(required, header, "header_duplicate", "The header stands twice.", "");
            }

            _headers[position] = header;
            _positions[column] = position;
        }

        var missing = required.Where((_, column) => _positions[column] < 0).ToArray();
        if (missing.Length > 0)
        {
            throw HeaderError(required, missing[0], "header_missing", $"{(missing.Length == 1 ? "This header is" : $"These headers are")} missing: {string.Join(',', missing)}.", "");
        }
    }

    private SnapshotFormatException HeaderError(IReadOnlyList<string> required, string header, string code, string problem, string hint) =>
        new(_fileName, Line, Shorten(header), code, problem, $"{hint}Expected are: {string.Join(',', required)}.");

    private static string Shorten(string header) => header.Length <= 64 ? header : header[..64];
}
