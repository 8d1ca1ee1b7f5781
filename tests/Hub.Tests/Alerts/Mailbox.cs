using System.Buffers;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using MimeKit;
using SmtpServer;
using SmtpServer.Protocol;
using SmtpServer.Storage;

namespace IntegrationHub.Hub.Tests.Alerts;

/// <summary>A real SMTP server that keeps what it gets, and refuses the first messages when it is told to.</summary>
internal sealed class Mailbox : MessageStore, IAsyncDisposable
{
    private readonly SmtpServer.SmtpServer _server;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;

    public Mailbox()
    {
        var services = new SmtpServer.ComponentModel.ServiceProvider();
        services.Add(this);
        Port = FreePort();
        _server = new SmtpServer.SmtpServer(new SmtpServerOptionsBuilder().ServerName("localhost").Endpoint(endpoint => endpoint.Endpoint(new IPEndPoint(IPAddress.Loopback, Port))).Build(), services);
        _running = _server.StartAsync(_stop.Token);
    }

    public int Port { get; }

    public int Refusals { get; set; }

    public ConcurrentQueue<MimeMessage> Mails { get; } = new();

    public override Task<SmtpResponse> SaveAsync(ISessionContext context, IMessageTransaction transaction, ReadOnlySequence<byte> buffer, CancellationToken cancellationToken)
    {
        if (Refusals-- > 0)
        {
            return Task.FromResult(new SmtpResponse(SmtpReplyCode.InsufficientStorage, "later"));
        }

        using var stream = new MemoryStream(buffer.ToArray());
        Mails.Enqueue(MimeMessage.Load(stream, cancellationToken));
        return Task.FromResult(SmtpResponse.Ok);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        _stop.Dispose();
        while (Mails.TryDequeue(out var mail))
        {
            mail.Dispose();
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
