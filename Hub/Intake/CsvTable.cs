using System.Globalization;
using IntegrationHub.Identity;
using IntegrationHub.Storage.Ledger;
using Sylvan.Data.Csv;

namespace IntegrationHub.Hub.Intake;

/// <summary>
/// A table of separated values with known headers in any order, read row by row with bounded memory. Quotes inside a field that none opens
/// are text; a column without a header is left out as long as it is empty; so is a row without any value.
/// </summary>
internal sealed class CsvTable : IAsyncDisposable
{
    /// <summary>Longest row in fields of the longest allowed length: a quote that nobody closes ends here.</summary>
    private const int FieldsPerRow = 4;
    private const string NoValue = "\\N";
    private const int FirstBuffer = 16 * 1024;

    private readonly string _fileName;
    private readonly int _maxFieldChars;
    private readonly char _separator;
    private readonly long? _likelyHeaderLine;
    private readonly CsvDataReader _reader;
    private long _nextLine;
    private string?[] _headers = [];
    private int[] _positions = [];

    private CsvTable(SnapshotFile file, int maxFieldChars)
    {
        _fileName = file.Name;
        _maxFieldChars = maxFieldChars;
        _separator = file.Separator;
        _nextLine = file.FirstLine;
        _likelyHeaderLine = file.LikelyHeaderLine;
        _reader = CsvDataReader.Create(file.Text, new CsvDataReaderOptions
        {
            HasHeaders = false,
            CsvStyle = CsvStyle.Lax,
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
        var table = new CsvTable(file, maxFieldChars);
        try
        {
            if (!await table.ReadAsync(cancellationToken))
            {
                throw SnapshotFile.Empty(file.Name, required.Count > 0 ? required : optional);
            }

            table.BindHeaders(required, optional, ignoresOthers);
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
        while (IsBlank());

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

        return true;
    }

    /// <summary>What makes the whole row unreadable, or null.</summary>
    /// <param name="idColumn">The column that says whom the row is about, or -1: the reject tells whom it may name.</param>
    public SnapshotReject? FindDefect(int idColumn = -1)
    {
        var defect = FindDefect();
        return defect is null || idColumn < 0 ? defect : defect with { ExternalIds = [.. PossibleIds(idColumn).Distinct()] };
    }

    /// <summary>True when an optional column is there.</summary>
    public bool Has(int column) => _positions[column] >= 0;

    /// <summary>The field of a column in the current row, unquoted; empty for <c>\N</c>, as databases write that there is no value. Valid until the next row.</summary>
    public ReadOnlySpan<char> Get(int column)
    {
        var field = _reader.GetFieldSpan(_positions[column]);
        return field.SequenceEqual(NoValue) ? [] : field;
    }

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

            if (_headers[position] is null && !field.IsWhiteSpace())
            {
                return Reject("row", "column_unnamed", string.Create(CultureInfo.InvariantCulture, $"Column {position + 1} holds a value but has no header. Name it in the header line."));
            }
        }

        return null;
    }

    /// <summary>
    /// The id counted from the row's begin and, where columns have shifted, from its end: a superset is harmless, for whoever is named stays as
    /// they are. None when the row may hold several people, or the field itself is damaged, blank, or where the row was cut.
    /// </summary>
    private List<string> PossibleIds(int idColumn)
    {
        var ids = new List<string>(2);
        var raw = _reader.GetRawRecordSpan().TrimEnd("\r\n");
        if (raw.ContainsAny('\r', '\n'))
        {
            return ids;
        }

        // Nothing can have shifted before the first column, nor after the last one.
        var position = _positions[idColumn];
        var shift = _reader.RowFieldCount - _headers.Length;
        int[] places = shift == 0 || position == 0 ? [position] : position == _headers.Length - 1 ? [position + shift] : [position, position + shift];
        foreach (var at in places)
        {
            if (at < 0 || at >= _reader.RowFieldCount)
            {
                continue;
            }

            var field = _reader.GetFieldSpan(at);
            if ((shift < 0 && at == _reader.RowFieldCount - 1) || field.ContainsAny('"', '\0', SnapshotFile.Undecodable) || NormalKey.OfId(field.ToString()) is not { Length: <= SnapshotRowBuilder.MaxExternalIdChars } id)
            {
                return [];
            }

            ids.Add(id);
        }

        return ids;
    }

    private bool IsBlank()
    {
        for (var position = 0; position < _reader.RowFieldCount; position++)
        {
            if (!_reader.GetFieldSpan(position).IsWhiteSpace())
            {
                return false;
            }
        }

        return true;
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

    private void BindHeaders(IReadOnlyList<string> required, IReadOnlyList<string> optional, bool ignoresOthers)
    {
        var headers = new string?[_reader.RowFieldCount];
        for (var position = 0; position < headers.Length; position++)
        {
            headers[position] = SnapshotFile.HeaderOf(_reader.GetFieldSpan(position)) is { Length: > 0 } header ? header : null;
        }

        _positions = CsvHeaders.Bind(_fileName, Line, headers, required, optional, ignoresOthers, _likelyHeaderLine);
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
