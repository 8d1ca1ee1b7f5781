using System.Text.Json;

namespace IntegrationHub.Hub.Intake.Facts;

/// <summary>Reads of a JSON text what can be read: properties that are named twice stay both, and of a text that breaks off, what stands before the break.</summary>
internal static class BrokenJson
{
    private static readonly JsonReaderOptions _reading = new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip };
    private static readonly JsonDocumentOptions _parsing = new() { AllowTrailingCommas = true, CommentHandling = JsonCommentHandling.Skip };

    /// <summary>The document, or null when nothing of it can be read. The caller disposes it.</summary>
    public static JsonDocument? Read(ReadOnlyMemory<byte> body)
    {
        try
        {
            return JsonDocument.Parse(body, _parsing);
        }
        catch (JsonException)
        {
            return Mend(body.Span) is { } mended ? JsonDocument.Parse(mended, _parsing) : null;
        }
    }

    /// <summary>What stands up to the last whole value, with the ends of what is open there.</summary>
    private static byte[]? Mend(ReadOnlySpan<byte> body)
    {
        var reader = new Utf8JsonReader(body, isFinalBlock: false, new JsonReaderState(_reading));
        var open = new Stack<byte>();
        var (end, ends) = (0, (byte[])[]);
        try
        {
            while (reader.Read())
            {
                switch (reader.TokenType)
                {
                    case JsonTokenType.StartObject:
                        open.Push((byte)'}');
                        break;
                    case JsonTokenType.StartArray:
                        open.Push((byte)']');
                        break;
                    case JsonTokenType.EndObject or JsonTokenType.EndArray:
                        open.Pop();
                        break;
                    default:
                        break;
                }

                if (reader.TokenType != JsonTokenType.PropertyName)
                {
                    (end, ends) = ((int)reader.BytesConsumed, [.. open]);
                }
            }
        }
        catch (JsonException)
        {
            // Here it breaks.
        }

        return end == 0 ? null : [.. body[..end], .. ends];
    }
}
