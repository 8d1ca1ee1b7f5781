using System.Buffers;
using System.Globalization;
using System.Text;
using IntegrationHub.Identity;
using IntegrationHub.Storage.Ledger;
using Sylvan.Data.Csv;

namespace IntegrationHub.Hub.Intake;

/// <summary>
/// A table of separated values with known headers in any order, read row by row with bounded memory. Quotes inside a field that none opens
/// are text, unless the header line shows that blanks stand before quotes (<c>"id", "name"</c>); a column without a header is left out as long as it is empty; so are a row without any value, a line that only rules, the header
/// line where it stands again, as in files that were put together, and a line below that counts the rows.
/// </summary>
internal sealed class CsvTable : IAsyncDisposable
{
    /// <summary>Longest row in fields of the longest allowed length: a quote that nobody closes ends here.</summary>
    private const int FieldsPerRow = 4;
    private const string NoValue = "\\N";
    private const int FirstBuffer = 16 * 1024;

    /// <summary>No decoded text holds it: a row that begins with another mark, <c>#</c> for one, is a row, and its person would be gone.</summary>
    private const char NoComment = '\uD800';
    private const string ColumnUnnamed = "column_unnamed";
    private static readonly SearchValues<char> _drawn = SearchValues.Create("-=+|: \t\r\n,;");

    private readonly string _fileName;
    private readonly int _maxFieldChars;
    private readonly char _separator;
    private readonly bool _ignoresOthers;
    private readonly long? _likelyHeaderLine;
    private readonly CsvDataReader _reader;
    private long _nextLine;
    private string?[] _headers = [];
    private int[] _positions = [];
    private bool _isFirstRow = true;
    private bool _blanksBeforeQuotes;

    private CsvTable(SnapshotFile file, int maxFieldChars, bool ignoresOthers)
    {
        _ignoresOthers = ignoresOthers;
        _fileName = file.Name;
        _maxFieldChars = maxFieldChars;
        _separator = file.Separator;
        _nextLine = file.FirstLine;
        _likelyHeaderLine = file.LikelyHeaderLine;
        _reader = CsvDataReader.Create(file.Text, new CsvDataReaderOptions
        {
            HasHeaders = false,
            CsvStyle = CsvStyle.Lax,
            Comment = NoComment,
            Delimiter = _separator,
            BufferSize = Math.Min(FirstBuffer, maxFieldChars * FieldsPerRow),
            MaxBufferSize = maxFieldChars * FieldsPerRow,
            OwnsReader = false,
        });
    }

    /// <summary>Line where the row begins, from 1.</summary>
    public long Line { get; private set; }

    /// <summary>Opens a file and checks its header line.</summary>
    /// <param name="file">The file; not closed.</param>
    /// <param name="required">Headers that must be there; <see cref="Get"/> takes their index.</param>
    /// <param name="optional">Headers that may be there; their indexes follow.</param>
    /// <param name="maxFieldChars">Longest field.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="SnapshotFormatException">The header line is missing or wrong.</exception>
    public static Task<CsvTable> OpenAsync(
        SnapshotFile file, IReadOnlyList<string> required, IReadOnlyList<string> optional, int maxFieldChars, CancellationToken cancellationToken) =>
        OpenAsync(file, required, optional, ignoresOthers: false, maxFieldChars, cancellationToken);

    /// <summary>Opens a file in which some columns are sought and all others left out, whatever their capitals.</summary>
    /// <param name="file">The file; not closed.</param>
    /// <param name="sought">Headers that may be there; <see cref="Get"/> takes their index.</param>
    /// <param name="maxFieldChars">Longest field.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="SnapshotFormatException">None of the headers is there.</exception>
    public static Task<CsvTable> OpenAsync(SnapshotFile file, IReadOnlyList<string> sought, int maxFieldChars, CancellationToken cancellationToken) =>
        OpenAsync(file, [], sought, ignoresOthers: true, maxFieldChars, cancellationToken);

    private static async Task<CsvTable> OpenAsync(
        SnapshotFile file, IReadOnlyList<string> required, IReadOnlyList<string> optional, bool ignoresOthers, int maxFieldChars, CancellationToken cancellationToken)
    {
        var table = new CsvTable(file, maxFieldChars, ignoresOthers);
        try
        {
            if (!await table.ReadAsync(cancellationToken))
            {
                throw SnapshotFile.Empty(file.Name, required.Count > 0 ? required : optional);
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

    /// <summary>Moves to the next row that holds anything.</summary>
    /// <returns>False at the end of the file.</returns>
    /// <exception cref="SnapshotFormatException">The rest of the file cannot be told apart into rows.</exception>
    public async ValueTask<bool> ReadAsync(CancellationToken cancellationToken)
    {
        do
        {
            cancellationToken.ThrowIfCancellationRequested();
            Line = _nextLine;
            try
            {
                if (!await _reader.ReadAsync(cancellationToken))
                {
                    return false;
                }
            }
            catch (CsvRecordTooLargeException)
            {
                throw new SnapshotFormatException(
                    _fileName,
                    Line,
                    null,
                    "row_too_long",
                    string.Create(CultureInfo.InvariantCulture, $"The row that begins in this line is longer than {_maxFieldChars * FieldsPerRow} characters."),
                    "Close the quote that begins a field in it, or shorten the row.");
            }

            _nextLine += LineBreaks(_reader.GetRawRecordSpan());
        }
        while (IsBlank() || IsRule() || IsHeaderLine() || IsCount());

        if (CsvQuotes.Look(_reader.GetRawRecordSpan(), _separator) == CsvQuotes.Finding.RowsJoined)
        {
            throw new SnapshotFormatException(
                _fileName,
                Line,
                null,
                "quote_unclosed",
                "A quote is opened in this line and not closed where it should be, so that the rows after it cannot be told apart.",
                "Close the quote, and double every quote that is meant as text.");
        }

        RefuseColumnWithoutHeader();
        return true;
    }

    /// <summary>What makes the whole row unreadable, or null.</summary>
    /// <param name="idColumn">The column that says whom the row is about, or -1: the reject tells whom it may name.</param>
    public SnapshotReject? FindDefect(int idColumn = -1)
    {
        var defect = FindDefect();
        return defect is null || idColumn < 0 ? defect : defect with { ExternalIds = [.. CsvPeople.PossibleIds(_reader, _separator, _headers.Length, _positions[idColumn]).Distinct()] };
    }

    /// <summary>True when an optional column is there.</summary>
    public bool Has(int column) => _positions[column] >= 0;

    /// <summary>
    /// The field of a column in the current row, unquoted, also where a spreadsheet keeps zeros in front by a formula (<c>="0012"</c>); empty for <c>\N</c>, as databases write that there is no
    /// value. Valid until the next row.
    /// </summary>
    public ReadOnlySpan<char> Get(int column)
    {
        var field = _reader.GetFieldSpan(_positions[column]);
        field = _blanksBeforeQuotes ? CsvQuotes.Unquoted(field) : field;
        return field.SequenceEqual(NoValue) ? []
            : field is ['=', '"', .. var text, '"'] && !text.Contains('"') ? text
            : Unguarded(field);
    }

    /// <summary>A field without the apostrophe that exports put before what a spreadsheet would take for a formula: the id <c>@kai</c> stands there as <c>'@kai</c>.</summary>
    public static ReadOnlySpan<char> Unguarded(ReadOnlySpan<char> field) => field is ['\'', '=' or '+' or '-' or '@', ..] ? field[1..] : field;

    /// <summary>The field of a column in the current row.</summary>
    public string GetText(int column) => Get(column).ToString();

    /// <summary>A reject at the current line.</summary>
    public SnapshotReject Reject(string field, string code, string problem) => new(Line, field, code, problem);

    /// <inheritdoc />
    public ValueTask DisposeAsync() => _reader.DisposeAsync();

    private SnapshotReject? FindDefect()
    {
        var raw = _reader.GetRawRecordSpan();
        if (CsvQuotes.Look(raw, _separator) != CsvQuotes.Finding.None)
        {
            return Reject("row", "quote_malformed", "A quoted field goes on after its closing quote. Double every quote that is meant as text.");
        }

        if (_reader.RowFieldCount < _headers.Length || HasMore())
        {
            return Reject(
                _reader.RowFieldCount < _headers.Length ? _headers[_reader.RowFieldCount] ?? "row" : "row",
                "column_count",
                string.Create(CultureInfo.InvariantCulture, $"The row has {_reader.RowFieldCount} columns, the header line has {_headers.Length}. Put fields that hold the separator in quotes."));
        }

        if (raw.IndexOfAny('\0', SnapshotFile.Undecodable) is var at && at >= 0)
        {
            return raw[at] == '\0'
                ? Reject(HeaderOf('\0'), "nul_byte", "The field holds a NUL byte.")
                : Reject("row", "not_utf8", "The row is not valid UTF-8. Save the file as UTF-8.");
        }

        for (var position = 0; position < _headers.Length; position++)
        {
            var field = _reader.GetFieldSpan(position);
            if (field.Length > _maxFieldChars)
            {
                return Reject(_headers[position] ?? "row", "field_too_long", string.Create(CultureInfo.InvariantCulture, $"The field is longer than {_maxFieldChars} characters."));
            }

            if (!_ignoresOthers && _headers[position] is null && !field.IsWhiteSpace())
            {
                return Reject("row", ColumnUnnamed, string.Create(CultureInfo.InvariantCulture, $"Column {position + 1} holds a value, but its header is empty. Name it in the header line."));
            }
        }

        return null;
    }

    /// <summary>True for a row that shows nothing, as the mark of the end that old systems write; NUL bytes may stand where a row was, so they are something.</summary>
    private bool IsBlank()
    {
        for (var position = 0; position < _reader.RowFieldCount; position++)
        {
            var field = _reader.GetFieldSpan(position);
            if (!InvisibleText.Trim(field).IsEmpty || field.Contains('\0'))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>True for the line below a header line of a table that was drawn with letters.</summary>
    private bool IsRule() => _headers.Length > 0 && _reader.GetRawRecordSpan() is var raw && raw.IndexOf("---") >= 0 && !raw.ContainsAnyExcept(_drawn);

    /// <summary>True for the line by which a database says below a table how many rows it has: <c>(2 rows)</c>.</summary>
    private bool IsCount() => _headers.Length > 1 && _reader.RowFieldCount == 1
        && InvisibleText.Trim(_reader.GetFieldSpan(0)) is ['(', >= '0' and <= '9', .., ')'] count
        && count[1..^1].TrimStart("0123456789") is " row" or " rows" or " row affected" or " rows affected" or " row(s) affected";

    private bool IsHeaderLine()
    {
        if (_headers.Length < 2 || _reader.RowFieldCount < _headers.Length || HasMore())
        {
            return false;
        }

        for (var position = 0; position < _headers.Length; position++)
        {
            var header = _headers[position] ?? "";
            var field = InvisibleText.Trim(InvisibleText.Trim(_reader.GetFieldSpan(position)).Trim('"'));
            if (!field.SequenceEqual(header) && (Ascii.IsValid(header) || SnapshotFile.HeaderOf(field) != header))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>A column without a header that holds a value in the first row already is an index, or a header was lost: all rows would be rejected for it.</summary>
    private void RefuseColumnWithoutHeader()
    {
        if (_headers.Length == 0 || !_isFirstRow)
        {
            return;
        }

        _isFirstRow = false;
        if (FindDefect() is { Code: ColumnUnnamed } defect)
        {
            throw new SnapshotFormatException(_fileName, Line, null, "header_empty", defect.Problem, "Write a header for it and name that in the audience's file, if only as ignored, or leave the column out.");
        }
    }

    private bool HasMore()
    {
        for (var position = _headers.Length; position < _reader.RowFieldCount; position++)
        {
            if (!_reader.GetFieldSpan(position).IsWhiteSpace())
            {
                return true;
            }
        }

        return false;
    }

    private string HeaderOf(char sought)
    {
        var position = 0;
        while (position < _headers.Length - 1 && !_reader.GetFieldSpan(position).Contains(sought))
        {
            position++;
        }

        return _headers[position] ?? "row";
    }

    private void BindHeaders(IReadOnlyList<string> required, IReadOnlyList<string> optional)
    {
        var headers = new string?[_reader.RowFieldCount];
        for (var position = 0; position < headers.Length; position++)
        {
            _blanksBeforeQuotes |= CsvQuotes.BeginsBehindBlanks(_reader.GetFieldSpan(position));
            headers[position] = SnapshotFile.HeaderOf(_reader.GetFieldSpan(position)) is { Length: > 0 } header ? header : null;
        }

        _positions = CsvHeaders.Bind(_fileName, Line, headers, required, optional, _ignoresOthers, _likelyHeaderLine);
        _headers = headers;
    }

    private static long LineBreaks(ReadOnlySpan<char> raw)
    {
        var count = 0L;
        while (raw.IndexOfAny('\r', '\n') is var at && at >= 0)
        {
            count++;
            raw = raw[(at + (raw[at] == '\r' && at + 1 < raw.Length && raw[at + 1] == '\n' ? 2 : 1))..];
        }

        return count;
    }
}
