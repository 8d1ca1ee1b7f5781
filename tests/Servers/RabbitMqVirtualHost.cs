using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;

namespace IntegrationHub.TestServers;

/// <summary>A fresh virtual host of one fixture; deleted on dispose, which closes every connection to it.</summary>
public sealed class RabbitMqVirtualHost : IAsyncDisposable
{
    private RabbitMqVirtualHost(Uri server, string name)
    {
        Name = name;
        Uri = new UriBuilder(server) { Path = $"/{name}" }.Uri;
        Management = ManagementOf(server);
    }

    /// <summary>Name of the virtual host.</summary>
    public string Name { get; }

    /// <summary>AMQP address with credentials and virtual host.</summary>
    public Uri Uri { get; }

    /// <summary>A client of the management API, authorized; paths begin with <c>api/</c>.</summary>
    public HttpClient Management { get; }

    /// <summary>Creates a virtual host in which the address's user may do everything.</summary>
    /// <param name="server">AMQP address of an administrator; <see cref="SharedServers.RabbitMq"/> when null.</param>
    public static async Task<RabbitMqVirtualHost> CreateAsync(Uri? server = null)
    {
        server ??= SharedServers.RabbitMq;
        var virtualHost = new RabbitMqVirtualHost(server, $"hub-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(6))}");
        var user = Uri.UnescapeDataString(server.UserInfo.Split(':')[0]);
        (await virtualHost.Management.PutAsync($"api/vhosts/{virtualHost.Name}", null)).EnsureSuccessStatusCode();
        (await virtualHost.Management.PutAsJsonAsync($"api/permissions/{virtualHost.Name}/{user}", new { configure = ".*", write = ".*", read = ".*" }))
            .EnsureSuccessStatusCode();
        return virtualHost;
    }

    /// <summary>A client of a server's management API, which answers at the AMQP port + 10.</summary>
    public static HttpClient ManagementOf(Uri server)
    {
        var credentials = Convert.ToBase64String(Encoding.UTF8.GetBytes(Uri.UnescapeDataString(server.UserInfo)));
        return new HttpClient
        {
            BaseAddress = new Uri($"http://{server.Host}:{server.Port + 10}/"),
            DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Basic", credentials) },
            Timeout = Poll.Patience,
        };
    }

    /// <summary>Deletes the virtual host. A server that is gone already has nothing to delete.</summary>
    public async ValueTask DisposeAsync()
    {
        try
        {
            await Management.DeleteAsync($"api/vhosts/{Name}");
        }
        catch (HttpRequestException)
        {
        }
        Management.Dispose();
    }
}
