using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text;

namespace IntegrationHub.TestServers;

/// <summary>
/// AMQP 0-9-1 by hand (https://www.rabbitmq.com/resources/specs/amqp0-9-1.pdf, chapters 2.2.4 and 4.2), to publish what no client library writes: headers of any bytes.
/// </summary>
public static class BareAmqp
{
    private const int FrameOverhead = 8;

    /// <summary>A header table's entry: an empty name and a decimal that no decimal of .NET can hold.</summary>
    public static byte[] ImpossibleDecimal { get; } = [1, (byte)'d', (byte)'D', 200, 0, 0, 0, 1];

    /// <summary>A header table's entry: lists within lists, as deep as a frame of this size can hold.</summary>
    /// <param name="size">Bytes.</param>
    public static byte[] ListsInLists(int size)
    {
        var entry = new byte[size];
        (entry[0], entry[1]) = (1, (byte)'l');
        var at = 2;
        for (; at + 5 <= size; at += 5)
        {
            entry[at] = (byte)'A';
            BinaryPrimitives.WriteUInt32BigEndian(entry.AsSpan(at + 1), (uint)(size - at - 5));
        }

        for (; at < size; at++)
        {
            entry[at] = (byte)'V';
        }

        return entry;
    }

    /// <summary>Publishes one message on a connection of its own.</summary>
    /// <param name="broker">The broker's address with user, password and virtual host.</param>
    /// <param name="exchange">Where to.</param>
    /// <param name="key">Routing key.</param>
    /// <param name="headers">Entries of the table of headers, as they stand on the wire.</param>
    /// <param name="body">The body.</param>
    /// <returns>False when the broker refuses it.</returns>
    public static async Task<bool> PublishAsync(Uri broker, string exchange, string key, ReadOnlyMemory<byte> headers, ReadOnlyMemory<byte> body)
    {
        ArgumentNullException.ThrowIfNull(broker);
        using var socket = new TcpClient();
        await socket.ConnectAsync(broker.Host, broker.Port);
        await using var stream = socket.GetStream();
        await stream.WriteAsync("AMQP\0\0\u0009\u0001"u8.ToArray());
        await ExpectAsync(stream, 10, 10);
        var user = broker.UserInfo.Split(':').Select(Uri.UnescapeDataString).ToArray();
        await SendAsync(stream, 1, 0, [.. Method(10, 11), .. Long(0), .. Short("PLAIN"), .. Text($"\0{user[0]}\0{user[1]}"), .. Short("en_US")]);
        var tune = await ExpectAsync(stream, 10, 30);
        await SendAsync(stream, 1, 0, [.. Method(10, 31), .. tune[4..10], 0, 0]);
        await SendAsync(stream, 1, 0, [.. Method(10, 40), .. Short(Uri.UnescapeDataString(broker.AbsolutePath.TrimStart('/'))), .. Short(""), 0]);
        await ExpectAsync(stream, 10, 41);
        await SendAsync(stream, 1, 1, [.. Method(20, 10), .. Short("")]);
        await ExpectAsync(stream, 20, 11);
        await SendAsync(stream, 1, 1, [.. Method(60, 40), 0, 0, .. Short(exchange), .. Short(key), 0]);
        await SendAsync(stream, 2, 1, [0, 60, 0, 0, .. Long(0), .. Long((uint)body.Length), 0x20, 0, .. Long((uint)headers.Length), .. headers.Span]);
        await SendAsync(stream, 3, 1, body.ToArray());
        await SendAsync(stream, 1, 1, [.. Method(20, 40), 0, 200, .. Short("done"), 0, 0, 0, 0]);
        var (type, payload) = await ReadAsync(stream);
        return type == 1 && payload is [0, 20, 0, 41, ..];
    }

    private static byte[] Method(ushort type, ushort method) => [(byte)(type >> 8), (byte)type, (byte)(method >> 8), (byte)method];

    private static byte[] Long(uint value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        return bytes;
    }

    private static byte[] Short(string text) => [(byte)Encoding.UTF8.GetByteCount(text), .. Encoding.UTF8.GetBytes(text)];

    private static byte[] Text(string text) => [.. Long((uint)Encoding.UTF8.GetByteCount(text)), .. Encoding.UTF8.GetBytes(text)];

    private static async Task SendAsync(NetworkStream stream, byte type, ushort channel, byte[] payload) =>
        await stream.WriteAsync(new byte[] { type, (byte)(channel >> 8), (byte)channel }.Concat(Long((uint)payload.Length)).Concat(payload).Append((byte)0xCE).ToArray());

    private static async Task<byte[]> ExpectAsync(NetworkStream stream, ushort type, ushort method)
    {
        var (_, payload) = await ReadAsync(stream);
        return payload.AsSpan().StartsWith(Method(type, method)) ? payload : throw new InvalidOperationException($"The broker said {Convert.ToHexString(payload)}.");
    }

    private static async Task<(byte Type, byte[] Payload)> ReadAsync(NetworkStream stream)
    {
        var head = new byte[FrameOverhead - 1];
        await stream.ReadExactlyAsync(head);
        var payload = new byte[BinaryPrimitives.ReadUInt32BigEndian(head.AsSpan(3)) + 1];
        await stream.ReadExactlyAsync(payload);
        return (head[0], payload[..^1]);
    }
}
