using System.Net;
using System.Net.Sockets;

namespace IntegrationHub.TestServers;

/// <summary>The wire between a program and a server on this machine. A test may cut it: connections end, new ones are refused, and the server does not notice but that.</summary>
public sealed class Wire : IAsyncDisposable
{
    private readonly int _server;
    private readonly Lock _lock = new();
    private readonly HashSet<TcpClient> _ends = [];
    private TcpListener? _listener;
    private Task _accepting = Task.CompletedTask;

    private Wire(int server) => _server = server;

    /// <summary>The loopback port at which the program reaches the server.</summary>
    public int Port { get; } = ServerProcess.FreePort();

    /// <summary>A wire that carries.</summary>
    /// <param name="server">Loopback port of the server.</param>
    public static Wire To(int server)
    {
        var wire = new Wire(server);
        wire.Mend();
        return wire;
    }

    /// <summary>Nothing goes through any more.</summary>
    public void Cut()
    {
        lock (_lock)
        {
            _listener?.Stop();
            _listener = null;
            foreach (var end in _ends)
            {
                end.Dispose();
            }

            _ends.Clear();
        }
    }

    /// <summary>New connections go through again.</summary>
    public void Mend()
    {
        lock (_lock)
        {
            _listener = new TcpListener(IPAddress.Loopback, Port);
            _listener.Start();
            _accepting = AcceptAsync(_listener);
        }
    }

    /// <summary>Cuts it for good.</summary>
    public async ValueTask DisposeAsync()
    {
        Cut();
        await _accepting;
    }

    private async Task AcceptAsync(TcpListener listener)
    {
        try
        {
            while (true)
            {
                _ = CarryAsync(await listener.AcceptTcpClientAsync());
            }
        }
        catch (Exception cut) when (cut is SocketException or ObjectDisposedException or InvalidOperationException)
        {
        }
    }

    private async Task CarryAsync(TcpClient near)
    {
        using var far = new TcpClient { NoDelay = true };
        near.NoDelay = true;
        try
        {
            lock (_lock)
            {
                if (_listener is null)
                {
                    near.Dispose();
                    return;
                }

                _ends.Add(near);
                _ends.Add(far);
            }

            await far.ConnectAsync(IPAddress.Loopback, _server);
            var (one, other) = (near.GetStream(), far.GetStream());
            await Task.WhenAny(one.CopyToAsync(other), other.CopyToAsync(one));
        }
        catch (Exception cut) when (cut is SocketException or IOException or ObjectDisposedException or InvalidOperationException)
        {
        }
        finally
        {
            lock (_lock)
            {
                _ends.Remove(near);
                _ends.Remove(far);
            }

            near.Dispose();
        }
    }
}
