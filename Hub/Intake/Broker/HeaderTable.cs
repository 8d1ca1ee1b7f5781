using System.Buffers.Binary;

namespace IntegrationHub.Hub.Intake.Broker;

/// <summary>
/// Tells whether the client library can read a message's headers: by the types of fields that RabbitMQ knows (https://www.rabbitmq.com/amqp-0-9-1-errata), decimals that .NET can hold, and tables
/// and lists that are not nested deeper than anybody means. Pure.
/// </summary>
internal static class HeaderTable
{
    /// <summary>Deepest nesting; the library reads it by recursion.</summary>
    private const int Deepest = 1_000;

    private const byte MostDecimals = 28;

    /// <summary>True when the properties hold no headers, or readable ones.</summary>
    /// <param name="properties">The property flags and what follows them.</param>
    public static bool IsReadable(ReadOnlySpan<byte> properties)
    {
        var flags = BinaryPrimitives.ReadUInt16BigEndian(properties);
        var at = 2;
        for (var texts = (flags >> 15 & 1) + (flags >> 14 & 1); texts > 0; texts--) // content type and encoding stand before the headers
        {
            at += 1 + properties[at];
        }

        return (flags >> 13 & 1) == 0 || Fields(properties[at..], named: true, 0) > 0;
    }

    /// <summary>Length of a table or a list with its own length before it; 0 when it is not readable.</summary>
    private static int Fields(ReadOnlySpan<byte> fields, bool named, int depth)
    {
        if (depth > Deepest || fields.Length < 4 || BinaryPrimitives.ReadUInt32BigEndian(fields) is var length && length > (uint)(fields.Length - 4))
        {
            return 0;
        }

        var end = 4 + (int)length;
        for (var at = 4; at < end;)
        {
            at += named ? 1 + fields[at] : 0;
            var size = at < end ? Field(fields[at..end], depth) : 0;
            if (size == 0)
            {
                return 0;
            }

            at += size;
        }

        return end;
    }

    /// <summary>Length of a field with its type; 0 when it is not readable.</summary>
    private static int Field(ReadOnlySpan<byte> field, int depth)
    {
        var size = (char)field[0] switch
        {
            'V' => 1,
            't' or 'b' or 'B' => 2,
            's' or 'u' => 3,
            'I' or 'i' or 'f' => 5,
            'D' => field.Length > 1 && field[1] <= MostDecimals ? 6 : 0,
            'l' or 'd' or 'T' => 9,
            'S' or 'x' => field.Length >= 5 && BinaryPrimitives.ReadUInt32BigEndian(field[1..]) is var length && length <= (uint)(field.Length - 5) ? 5 + (int)length : 0,
            'F' => Nested(field, named: true, depth),
            'A' => Nested(field, named: false, depth),
            _ => 0,
        };
        return size <= field.Length ? size : 0;
    }

    private static int Nested(ReadOnlySpan<byte> field, bool named, int depth) => Fields(field[1..], named, depth + 1) is > 0 and var size ? 1 + size : 0;
}
