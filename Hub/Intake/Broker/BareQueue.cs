using System.Buffers.Binary;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using IntegrationHub.Hub.Intake.Facts;
using IntegrationHub.Hub.Messaging;

namespace IntegrationHub.Hub.Intake.Broker;

/// <summary>
/// A queue read by hand over AMQP 0-9-1 (https://www.rabbitmq.com/resources/specs/amqp0-9-1.pdf, 1.4, 1.8 and 4.2), one message at a time: for messages with headers that the client library
/// cannot read, over which it loses its connection whenever the broker sends them.
/// </summary>
internal sealed class BareQueue : IAsyncDisposable
{
    private const int FrameHead = 7;
    private const int LargestFrame = 16 * 1024 * 1024;
    private readonly TcpClient _socket;
    private readonly Stream _stream;
    private readonly string _queue;

    private BareQueue(TcpClient socket, Stream stream, string queue) => (_socket, _stream, _queue) = (socket, stream, queue);

    /// <summary>Opens a connection of its own.</summary>
    /// <param name="broker">Address with user, password and virtual host; <c>amqps</c> for TLS.</param>
    /// <param name="tls">How TLS is made.</param>
    /// <param name="queue">Name of the queue.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <exception cref="IOException">The broker says something else than it should.</exception>
    public static async Task<BareQueue> OpenAsync(Uri broker, BrokerTls tls, string queue, CancellationToken cancellationToken)
    {
        var isSecure = BrokerTls.IsAskedFor(broker);
        var socket = new TcpClient();
        try
        {
            await socket.ConnectAsync(broker.Host, broker.Port > 0 ? broker.Port : isSecure ? 5671 : 5672, cancellationToken);
            Stream stream = socket.GetStream();
            if (isSecure)
            {
                var secure = new SslStream(stream);
                await secure.AuthenticateAsClientAsync(tls.ClientOf(broker), cancellationToken);
                stream = secure;
            }

            var opened = new BareQueue(socket, stream, queue);
            await opened.IntroduceAsync(broker, cancellationToken);
            return opened;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>The next message; it stays the queue's until it is acknowledged. Null when there is none.</summary>
    public async Task<BareDelivery?> GetAsync(CancellationToken cancellationToken)
    {
        await SendAsync(1, [.. Method(60, 70), 0, 0, .. Short(_queue), 0], cancellationToken);
        var (_, got) = await ReadAsync(cancellationToken);
        if (got.AsSpan().StartsWith(Method(60, 72)))
        {
            return null;
        }

        var tag = BinaryPrimitives.ReadUInt64BigEndian(Expected(got, 60, 71).AsSpan(4));
        var (_, head) = await ReadAsync(cancellationToken);
        var size = BinaryPrimitives.ReadUInt64BigEndian(head.AsSpan(4));
        using var body = new MemoryStream();
        for (var read = 0UL; read < size;)
        {
            var (_, part) = await ReadAsync(cancellationToken);
            read += (ulong)part.Length;
            body.Write(part, 0, (int)Math.Min(part.Length, FactReading.MaxBytes + 1 - body.Length)); // no more than shows that it is too large
        }

        return new BareDelivery(tag, HeaderTable.IsReadable(head.AsSpan(12)), body.ToArray());
    }

    /// <summary>Says that a message was taken in.</summary>
    public Task AcknowledgeAsync(BareDelivery message, CancellationToken cancellationToken)
    {
        var tag = new byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(tag, message.Tag);
        return SendAsync(1, [.. Method(60, 80), .. tag, 0], cancellationToken);
    }

    /// <summary>Closes the connection; what was not acknowledged stands in the queue again, where it stood.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(5));
            await SendAsync(0, [.. Method(10, 50), 0, 200, .. Short("done"), 0, 0, 0, 0], patience.Token);
            await ReadAsync(patience.Token);
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException or ObjectDisposedException)
        {
            // A connection that is gone needs no farewell.
        }

        await _stream.DisposeAsync();
        _socket.Dispose();
    }

    private async Task IntroduceAsync(Uri broker, CancellationToken cancellationToken)
    {
        string[] user = broker.UserInfo.Length == 0 ? ["guest", "guest"] : [.. broker.UserInfo.Split(':', 2).Select(Uri.UnescapeDataString)];
        var host = Uri.UnescapeDataString(broker.AbsolutePath.TrimStart('/'));
        await _stream.WriteAsync(new byte[] { (byte)'A', (byte)'M', (byte)'Q', (byte)'P', 0, 0, 9, 1 }, cancellationToken);
        await ExpectAsync(10, 10, cancellationToken);
        await SendAsync(0, [.. Method(10, 11), 0, 0, 0, 0, .. Short("PLAIN"), .. Long($"\0{user[0]}\0{user.ElementAtOrDefault(1)}"), .. Short("en_US")], cancellationToken);
        var tune = await ExpectAsync(10, 30, cancellationToken);
        await SendAsync(0, [.. Method(10, 31), .. tune[4..10], 0, 0], cancellationToken);
        await SendAsync(0, [.. Method(10, 40), .. Short(host.Length == 0 ? "/" : host), 0, 0], cancellationToken);
        await ExpectAsync(10, 41, cancellationToken);
        await SendAsync(1, [.. Method(20, 10), 0], cancellationToken);
        await ExpectAsync(20, 11, cancellationToken);
    }

    private static byte[] Method(byte type, byte method) => [0, type, 0, method];

    private static byte[] Short(string text) => [(byte)Encoding.UTF8.GetByteCount(text), .. Encoding.UTF8.GetBytes(text)];

    private static byte[] Long(string text)
    {
        var bytes = new byte[4 + Encoding.UTF8.GetByteCount(text)];
        BinaryPrimitives.WriteInt32BigEndian(bytes, bytes.Length - 4);
        Encoding.UTF8.GetBytes(text, bytes.AsSpan(4));
        return bytes;
    }

    private async Task SendAsync(byte channel, byte[] payload, CancellationToken cancellationToken)
    {
        var frame = new byte[FrameHead + payload.Length + 1];
        (frame[0], frame[2], frame[^1]) = (1, channel, 0xCE);
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(3), payload.Length);
        payload.CopyTo(frame, FrameHead);
        await _stream.WriteAsync(frame, cancellationToken);
    }

    private async Task<byte[]> ExpectAsync(byte type, byte method, CancellationToken cancellationToken) => Expected((await ReadAsync(cancellationToken)).Payload, type, method);

    private static byte[] Expected(byte[] payload, byte type, byte method) => payload.AsSpan().StartsWith(Method(type, method))
        ? payload
        : throw new IOException($"the broker said method {Convert.ToHexString(payload.AsSpan(0, Math.Min(4, payload.Length)))} in place of {type}, {method}");

    private async Task<(byte Type, byte[] Payload)> ReadAsync(CancellationToken cancellationToken)
    {
        var head = new byte[FrameHead];
        await _stream.ReadExactlyAsync(head, cancellationToken);
        var length = BinaryPrimitives.ReadUInt32BigEndian(head.AsSpan(3));
        var payload = length <= LargestFrame ? new byte[length + 1] : throw new IOException("the broker sent a frame of impossible length");
        await _stream.ReadExactlyAsync(payload, cancellationToken);
        return (head[0], payload[..^1]);
    }
}
