namespace IntegrationHub.Hub.Intake;

/// <summary>Reads lines of bytes with bounded memory; a line over the limit is skipped and said to be too long.</summary>
/// <param name="stream">The file's bytes; not closed.</param>
/// <param name="maxLineBytes">Longest line.</param>
internal sealed class NdjsonLines(Stream stream, int maxLineBytes)
{
    private const int InitialBytes = 64 * 1024;

    private byte[] _buffer = new byte[Math.Min(InitialBytes, maxLineBytes + 1)];
    private int _start;
    private int _end;
    private bool _atEnd;

    /// <summary>Number of the current line, from 1.</summary>
    public long Line { get; private set; }

    /// <summary>The current line without its line break; empty when <see cref="IsTooLong"/>. Valid until the next read.</summary>
    public ReadOnlyMemory<byte> Current { get; private set; }

    /// <summary>True when the current line is over the limit.</summary>
    public bool IsTooLong { get; private set; }

    /// <summary>Moves to the next line.</summary>
    /// <returns>False at the end of the file.</returns>
    public async ValueTask<bool> ReadAsync(CancellationToken cancellationToken)
    {
        IsTooLong = false;
        var searched = 0;
        while (true)
        {
            var lineBreak = _buffer.AsSpan(_start + searched, _end - _start - searched).IndexOf((byte)'\n');
            if (lineBreak >= 0)
            {
                Take(searched + lineBreak, 1);
                return true;
            }

            searched = _end - _start;
            if (_atEnd)
            {
                if (searched == 0 && !IsTooLong)
                {
                    return false;
                }

                Take(searched, 0);
                return true;
            }

            if (searched > maxLineBytes)
            {
                IsTooLong = true;
                _start = _end = searched = 0;
            }

            await FillAsync(cancellationToken);
        }
    }

    private void Take(int length, int lineBreak)
    {
        IsTooLong |= length > maxLineBytes;
        var line = _buffer.AsMemory(_start, length);
        if (Line == 0 && line.Span.StartsWith("\uFEFF"u8))
        {
            line = line[3..];
        }

        if (line.Span.EndsWith("\r"u8))
        {
            line = line[..^1];
        }

        Current = IsTooLong ? default : line;
        Line++;
        _start += length + lineBreak;
    }

    private async ValueTask FillAsync(CancellationToken cancellationToken)
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _end -= _start;
            _start = 0;
        }

        if (_end == _buffer.Length)
        {
            Array.Resize(ref _buffer, _buffer.Length * 2);
        }

        var read = await stream.ReadAsync(_buffer.AsMemory(_end), cancellationToken);
        _end += read;
        _atEnd = read == 0;
    }
}
