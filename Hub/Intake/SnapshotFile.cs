using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using IntegrationHub.Identity;

namespace IntegrationHub.Hub.Intake;

/// <summary>
/// A file as people export it, looked at by its first bytes: in which encoding it is, how it is written, what stands between its fields, or
/// that it is no text at all. Nothing of it is held but what was looked at.
/// </summary>
internal sealed class SnapshotFile : IDisposable
{
    /// <summary>What stands for bytes that cannot be decoded: a code point that no text holds.</summary>
    public const char Undecodable = '\uFDD0';

    private const int LookedAt = 16 * 1024;
    private static readonly char[] _separators = [',', ';', '\t', '|'];

    private readonly PipeReader _bytes;
    private readonly Encoding _encoding;

    private SnapshotFile(string name, PipeReader bytes, Encoding encoding, SnapshotFormat format, StreamReader text) =>
        (Name, _bytes, _encoding, Format, Text) = (name, bytes, encoding, format, text);

    /// <summary>Name for error messages.</summary>
    public string Name { get; }

    /// <summary>How it is written, whatever it was said to be.</summary>
    public SnapshotFormat Format { get; }

    /// <summary>The text of a table, from <see cref="FirstLine"/> on.</summary>
    public StreamReader Text { get; }

    /// <summary>What stands between the fields of a table.</summary>
    public char Separator { get; private init; } = ',';

    /// <summary>Number of the text's first line, from 1.</summary>
    public long FirstLine { get; private init; } = 1;

    /// <summary>Number of the line that looks like the header line where the first one does not; null when none does.</summary>
    public long? LikelyHeaderLine { get; private init; }

    /// <summary>The bytes of a file of JSON lines, as UTF-8.</summary>
    public Stream Utf8 => _encoding is UTF8Encoding ? _bytes.AsStream() : Encoding.CreateTranscodingStream(_bytes.AsStream(), _encoding, Encoding.UTF8);

    /// <summary>Looks at a file.</summary>
    /// <param name="stream">The file's bytes; not closed.</param>
    /// <param name="format">How it is said to be written.</param>
    /// <param name="name">Name for error messages.</param>
    /// <param name="headers">The headers that are expected in a table.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="SnapshotFormatException">The file is no text, or empty.</exception>
    public static async Task<SnapshotFile> OpenAsync(Stream stream, SnapshotFormat format, string name, IReadOnlyList<string> headers, CancellationToken cancellationToken)
    {
        var bytes = PipeReader.Create(stream, new StreamPipeReaderOptions(bufferSize: LookedAt, leaveOpen: true));
        var read = await bytes.ReadAtLeastAsync(LookedAt, cancellationToken);
        var begin = new byte[Math.Min(LookedAt, read.Buffer.Length)];
        read.Buffer.Slice(0, begin.Length).CopyTo(begin);
        bytes.AdvanceTo(read.Buffer.Start);

        if (FileKinds.NameOf(begin) is { } kind)
        {
            throw new SnapshotFormatException(name, 1, null, "file_not_text", $"The file is {kind.Name}, no CSV and no JSON lines.", kind.Fix);
        }

        var encoding = EncodingOf(begin);
        var head = encoding.GetString(begin).TrimStart('\uFEFF');
        if (string.IsNullOrWhiteSpace(head))
        {
            throw format == SnapshotFormat.Csv ? Empty(name, headers) : new SnapshotFormatException(
                name, 1, null, "file_empty", "The file is empty.", "Write one JSON object per line, and look whether the export failed.");
        }

        var text = new StreamReader(bytes.AsStream(), encoding, detectEncodingFromByteOrderMarks: false, LookedAt);
        var actual = FormatOf(head.AsSpan().TrimStart(), format, headers, name);
        if (actual == SnapshotFormat.Csv && SeparatorMark(LineAt(head)) is { } separator)
        {
            await text.ReadLineAsync(cancellationToken);
            return new SnapshotFile(name, bytes, encoding, actual, text) { Separator = separator, FirstLine = 2 };
        }

        var comments = actual == SnapshotFormat.Csv ? TableHead.CommentLines(head, line => Likeliest(line, headers).Known > 0) : 0;
        for (var i = 0; i < comments; i++)
        {
            await text.ReadLineAsync(cancellationToken);
        }

        return new SnapshotFile(name, bytes, encoding, actual, text)
        {
            Separator = Likeliest(TableHead.FirstLine(head, after: comments), headers).Separator,
            FirstLine = comments + 1,
            LikelyHeaderLine = TableHead.HeaderLine(head, line => Likeliest(line, headers).Known),
        };
    }

    /// <summary>A header, composed, without quotes and what nobody sees around it.</summary>
    public static string HeaderOf(ReadOnlySpan<char> field) => ComposedText.Of(InvisibleText.Trim(InvisibleText.Trim(field).Trim('"')).ToString());

    /// <summary>The file holds nothing.</summary>
    public static SnapshotFormatException Empty(string name, IEnumerable<string> headers) =>
        new(name, 1, null, "file_empty", "The file is empty.", $"Write a header line: {string.Join(',', headers)}.");

    /// <inheritdoc />
    public void Dispose()
    {
        Text.Dispose();
        _bytes.Complete();
    }

    private static SnapshotFormat FormatOf(ReadOnlySpan<char> head, SnapshotFormat format, IReadOnlyList<string> headers, string name)
    {
        if (head[0] == '<')
        {
            throw new SnapshotFormatException(
                name, 1, null, "file_not_text", "The file is an HTML or XML page, no CSV and no JSON lines; perhaps it is a page to sign in.", "Export the list as CSV (UTF-8) or as one JSON object per line.");
        }

        if (head[0] == '[')
        {
            throw new SnapshotFormatException(
                name, 1, null, "json_array", "The file is one JSON array.", "Write one JSON object per line, without brackets around and commas between them.");
        }

        if (LineAt(head).Trim() is "{")
        {
            throw new SnapshotFormatException(
                name, 1, null, "json_array", "The file is one JSON document over several lines.", "Write one JSON object per line, without line breaks inside and without brackets around them.");
        }

        return head[0] == '{' ? SnapshotFormat.Ndjson
            : Likeliest(LineAt(head), headers).Known > 0 ? SnapshotFormat.Csv
            : format;
    }

    /// <summary>The separator that brings most of the expected headers out, and how many; where none does, the one that stands most often.</summary>
    private static (char Separator, int Known) Likeliest(ReadOnlySpan<char> line, IReadOnlyList<string> headers)
    {
        var (best, known, often) = (',', 0, 0);
        foreach (var separator in _separators)
        {
            var (found, fields) = (0, 0);
            foreach (var field in line.Split(separator))
            {
                fields++;
                found += headers.Contains(HeaderOf(line[field])) ? 1 : 0;
            }

            if ((found, fields).CompareTo((known, often)) > 0)
            {
                (best, known, often) = (separator, found, fields);
            }
        }

        return (best, known);
    }

    /// <summary>The separator that a spreadsheet's first line names, <c>sep=;</c>, or null.</summary>
    private static char? SeparatorMark(ReadOnlySpan<char> line)
    {
        const string Mark = "sep=";
        var mark = line.TrimStart('"');
        return mark.Length > Mark.Length && mark.StartsWith(Mark, StringComparison.OrdinalIgnoreCase) && mark[(Mark.Length + 1)..].Trim(['"', ' ', mark[Mark.Length]]).IsEmpty
            ? mark[Mark.Length]
            : null;
    }

    private static ReadOnlySpan<char> LineAt(ReadOnlySpan<char> text)
    {
        var end = text.IndexOfAny('\r', '\n');
        return end < 0 ? text : text[..end];
    }

    private static Encoding EncodingOf(ReadOnlySpan<byte> begin)
    {
        var name = begin switch
        {
            [0xFF, 0xFE, 0, 0, ..] => "utf-32",
            [0, 0, 0xFE, 0xFF, ..] => "utf-32BE",
            [0xFF, 0xFE, ..] => "utf-16",
            [0xFE, 0xFF, ..] => "utf-16BE",
            _ => Unmarked(begin),
        };
        return Encoding.GetEncoding(name, EncoderFallback.ReplacementFallback, new DecoderReplacementFallback(Undecodable.ToString()));
    }

    /// <summary>Text of two bytes a letter shows by its zeros: header lines are mostly ASCII.</summary>
    private static string Unmarked(ReadOnlySpan<byte> begin)
    {
        begin = begin[..Math.Min(begin.Length, 256)];
        Span<int> zeros = stackalloc int[2];
        for (var i = 0; i < begin.Length; i++)
        {
            zeros[i % 2] += begin[i] == 0 ? 1 : 0;
        }

        return zeros[1] > begin.Length / 4 && zeros[0] == 0 ? "utf-16" : zeros[0] > begin.Length / 4 && zeros[1] == 0 ? "utf-16BE" : "utf-8";
    }
}
