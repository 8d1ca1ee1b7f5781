using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace IntegrationHub.Storage.Sqlite;

/// <summary>Rows as one JSON parameter, <c>[[a,b],[c,d]]</c>: SQLite's way to take a batch in one statement (<c>json_each</c>).</summary>
internal static class JsonRows
{
    private static readonly JsonWriterOptions _relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>One array per row; the callback writes its values.</summary>
    public static string Of<T>(IEnumerable<T> rows, Action<Utf8JsonWriter, T> values) => Write(writer =>
    {
        foreach (var row in rows)
        {
            writer.WriteStartArray();
            values(writer, row);
            writer.WriteEndArray();
        }
    });

    /// <summary>A flat array of texts.</summary>
    public static string Texts(IEnumerable<string> values) => Write(writer =>
    {
        foreach (var value in values)
        {
            writer.WriteStringValue(value);
        }
    });

    /// <summary>A flat array of numbers.</summary>
    public static string Numbers(IEnumerable<long> values) => Write(writer =>
    {
        foreach (var value in values)
        {
            writer.WriteNumberValue(value);
        }
    });

    /// <summary>A flat array of ids.</summary>
    public static string Ids(IEnumerable<Guid> values) => Write(writer =>
    {
        foreach (var value in values)
        {
            writer.Id(value);
        }
    });

    /// <summary>An id as EF Core and the client library store it.</summary>
    public static void Id(this Utf8JsonWriter writer, Guid id) => writer.WriteStringValue(id.ToString("D").ToUpperInvariant());

    public static void OptionalId(this Utf8JsonWriter writer, Guid? id)
    {
        if (id is { } value)
        {
            writer.Id(value);
        }
        else
        {
            writer.WriteNullValue();
        }
    }

    public static void OptionalNumber(this Utf8JsonWriter writer, long? number)
    {
        if (number is { } value)
        {
            writer.WriteNumberValue(value);
        }
        else
        {
            writer.WriteNullValue();
        }
    }

    public static void Time(this Utf8JsonWriter writer, DateTimeOffset at) => writer.WriteNumberValue(at.UtcTicks);

    public static void Flag(this Utf8JsonWriter writer, bool value) => writer.WriteNumberValue(value ? 1 : 0);

    private static string Write(Action<Utf8JsonWriter> values)
    {
        var buffer = new ArrayBufferWriter<byte>(4096);
        using (var writer = new Utf8JsonWriter(buffer, _relaxed))
        {
            writer.WriteStartArray();
            values(writer);
            writer.WriteEndArray();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan);
    }
}
