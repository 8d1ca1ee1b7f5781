using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace IntegrationHub.Hub.Intake.Facts;

/// <summary>Writes JSON with letters of every language as they are; it is stored and not put into pages.</summary>
internal static class RelaxedJson
{
    private static readonly JsonWriterOptions _relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>An object in UTF-8.</summary>
    /// <param name="properties">Writes its properties.</param>
    public static byte[] Object(Action<Utf8JsonWriter> properties)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var writer = new Utf8JsonWriter(buffer, _relaxed))
        {
            writer.WriteStartObject();
            properties(writer);
            writer.WriteEndObject();
        }

        return buffer.WrittenSpan.ToArray();
    }
}
