namespace IntegrationHub.Hub.Intake;

/// <summary>
/// Watches the bytes of a CSV file on their way to the parser and stops at the first field that is longer than the limit, so that
/// neither an oversized field nor an unclosed quote can fill the memory. Knows the line and column where that field began.
/// </summary>
/// <param name="inner">The file; not closed.</param>
/// <param name="maxFieldBytes">Longest field, quotes included.</param>
internal sealed class CsvFieldGuard(Stream inner, int maxFieldBytes) : Stream
{
    private State _state = State.FieldStart;
    private bool _pastByteOrderMark;
    private long _line = 1;
    private long _fieldLine = 1;
    private int _column;
    private int _length;

    private enum State
    {
        FieldStart,
        Plain,
        Quoted,
        QuoteInQuoted,
    }

    /// <inheritdoc />
    public override bool CanRead => true;

    /// <inheritdoc />
    public override bool CanSeek => false;

    /// <inheritdoc />
    public override bool CanWrite => false;

    /// <inheritdoc />
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc />
    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <inheritdoc />
    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <inheritdoc />
    public override int Read(Span<byte> buffer)
    {
        var read = inner.Read(buffer);
        Inspect(buffer[..read]);
        return read;
    }

    /// <inheritdoc />
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await inner.ReadAsync(buffer, cancellationToken);
        Inspect(buffer.Span[..read]);
        return read;
    }

    /// <inheritdoc />
    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    /// <inheritdoc />
    public override void Flush() => throw new NotSupportedException();

    /// <inheritdoc />
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc />
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc />
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    private void Inspect(ReadOnlySpan<byte> bytes)
    {
        if (!_pastByteOrderMark && !bytes.IsEmpty)
        {
            _pastByteOrderMark = true;
            bytes = bytes.StartsWith("\uFEFF"u8) ? bytes[3..] : bytes;
        }

        while (!bytes.IsEmpty)
        {
            if (_state == State.FieldStart)
            {
                _state = bytes[0] == '"' ? State.Quoted : State.Plain;
                if (_state == State.Quoted)
                {
                    bytes = bytes[1..];
                    continue;
                }
            }

            bytes = bytes[(_state == State.Plain ? ReadPlain(bytes) : ReadQuoted(bytes))..];
        }
    }

    private int ReadPlain(ReadOnlySpan<byte> bytes)
    {
        var end = bytes.IndexOfAny((byte)',', (byte)'\n');
        Lengthen(end < 0 ? bytes.Length : end);
        if (end < 0)
        {
            return bytes.Length;
        }

        EndField(endsLine: bytes[end] == '\n');
        return end + 1;
    }

    private int ReadQuoted(ReadOnlySpan<byte> bytes)
    {
        if (_state == State.QuoteInQuoted)
        {
            // A doubled quote goes on with the field; anything else has left the quotes.
            _state = bytes[0] == '"' ? State.Quoted : State.Plain;
            return _state == State.Quoted ? 1 : 0;
        }

        var end = bytes.IndexOfAny((byte)'"', (byte)'\n');
        Lengthen(end < 0 ? bytes.Length : end + 1);
        if (end < 0)
        {
            return bytes.Length;
        }

        if (bytes[end] == '"')
        {
            _state = State.QuoteInQuoted;
        }
        else
        {
            _line++;
        }

        return end + 1;
    }

    private void EndField(bool endsLine)
    {
        _state = State.FieldStart;
        _length = 0;
        _column++;
        if (endsLine)
        {
            _column = 0;
            _line++;
        }

        _fieldLine = _line;
    }

    private void Lengthen(int by)
    {
        _length += by;
        if (_length > maxFieldBytes)
        {
            throw new CsvFieldTooLongException(_fieldLine, _column);
        }
    }
}

/// <summary>A field is longer than the limit.</summary>
/// <param name="line">Line where it began, from 1.</param>
/// <param name="column">Column, from 0.</param>
internal sealed class CsvFieldTooLongException(long line, int column) : IOException($"A field in line {line} is too long.")
{
    /// <summary>Line where it began, from 1.</summary>
    public long Line { get; } = line;

    /// <summary>Column, from 0.</summary>
    public int Column { get; } = column;
}
