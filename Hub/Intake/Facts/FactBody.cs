using System.Buffers;
using System.Globalization;
using System.Text.Json;

namespace IntegrationHub.Hub.Intake.Facts;

/// <summary>The body of a call in pieces: one fact each. Nothing of a fact is looked at.</summary>
internal static class FactBody
{
    /// <summary>Largest body in bytes, after it is unpacked.</summary>
    public const int MaxBytes = 16 * 1024 * 1024;

    /// <summary>Most facts of one call.</summary>
    public const int MaxFacts = 10_000;

    private static readonly JsonReaderOptions _lax = new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip };

    /// <summary>Reads a body to its end; null when it is larger than that.</summary>
    public static async Task<byte[]?> ReadAsync(Stream body, int maxBytes, CancellationToken cancellationToken)
    {
        using var bytes = new MemoryStream();
        var buffer = ArrayPool<byte>.Shared.Rent(64 * 1024);
        try
        {
            while (await body.ReadAsync(buffer, cancellationToken) is > 0 and var read)
            {
                if (bytes.Length + read > maxBytes)
                {
                    return null;
                }

                bytes.Write(buffer, 0, read);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer, clearArray: true);
        }

        return bytes.ToArray();
    }

    /// <summary>The facts of one JSON value: the object, or the elements of the array.</summary>
    /// <exception cref="JsonException">It is no JSON; its message tells nothing of what it holds.</exception>
    public static List<ReadOnlyMemory<byte>> OfJson(ReadOnlyMemory<byte> body)
    {
        var start = body.Span.StartsWith("\uFEFF"u8) ? 3 : 0;
        var reader = new Utf8JsonReader(body.Span[start..], _lax);
        var facts = new List<ReadOnlyMemory<byte>>();
        try
        {
            reader.Read();
            if (reader.TokenType != JsonTokenType.StartArray)
            {
                facts.Add(Take(ref reader));
            }
            else
            {
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    facts.Add(Take(ref reader));
                }
            }

            while (reader.Read())
            {
                // Something after the value is for the reader to refuse.
            }
        }
        catch (JsonException exception)
        {
            throw new JsonException(string.Create(
                CultureInfo.InvariantCulture,
                $"The body is no JSON from line {(exception.LineNumber ?? 0) + 1}, byte {(exception.BytePositionInLine ?? 0) + 1} on. Send one JSON object, an array of them, or one object per line as application/x-ndjson."));
        }

        return facts;

        ReadOnlyMemory<byte> Take(ref Utf8JsonReader at)
        {
            var begin = (int)at.TokenStartIndex;
            at.Skip();
            return body[(start + begin)..(start + (int)at.BytesConsumed)];
        }
    }

    /// <summary>The facts of JSON lines; blank lines hold none.</summary>
    public static List<ReadOnlyMemory<byte>> OfLines(ReadOnlyMemory<byte> body)
    {
        var facts = new List<ReadOnlyMemory<byte>>();
        var rest = body.Span.StartsWith("\uFEFF"u8) ? body[3..] : body;
        while (!rest.IsEmpty)
        {
            var end = rest.Span.IndexOf((byte)'\n');
            var line = (end < 0 ? rest : rest[..end]).Trim(" \t\r"u8);
            rest = end < 0 ? default : rest[(end + 1)..];
            if (!line.IsEmpty)
            {
                facts.Add(line);
            }
        }

        return facts;
    }
}
