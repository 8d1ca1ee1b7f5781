using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Yarp.ReverseProxy.Forwarder;

namespace IntegrationHub.Console.Tests;

/// <summary>What stands in front of hubs in production: each call goes to the next one, whoever makes it. Where nobody listens any more the call goes to the one after it; what was sent and not answered is told the caller.</summary>
internal sealed class RoundRobin : IAsyncDisposable
{
    private readonly WebApplication _web;
    private readonly HttpMessageInvoker _http = new(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, UseCookies = false });
    private readonly string[] _hubs;
    private int _calls;

    private RoundRobin(WebApplication web, string[] hubs) => (_web, _hubs) = (web, hubs);

    public Uri Address => new(_web.Urls.First());

    public static async Task<RoundRobin> StartAsync(params IEnumerable<Uri> hubs)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddHttpForwarder();
        var balancer = new RoundRobin(builder.Build(), [.. hubs.Select(hub => hub.ToString())]);
        balancer._web.Map("{**path}", balancer.ForwardAsync);
        await balancer._web.StartAsync();
        return balancer;
    }

    public async ValueTask DisposeAsync()
    {
        await _web.DisposeAsync();
        _http.Dispose();
    }

    private async Task ForwardAsync(HttpContext http, IHttpForwarder forwarder)
    {
        var first = Interlocked.Increment(ref _calls);
        for (var turn = 0; turn < _hubs.Length; turn++)
        {
            if (await forwarder.SendAsync(http, _hubs[(first + turn) % _hubs.Length], _http, ForwarderRequestConfig.Empty, Same.Instance) == ForwarderError.None
                || http.Response.HasStarted || http.GetForwarderErrorFeature()?.Exception is not HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError })
            {
                return;
            }

            http.Response.Clear();
        }
    }

    /// <summary>The hub sees the name that the browser called.</summary>
    private sealed class Same : HttpTransformer
    {
        public static Same Instance { get; } = new();

        public override async ValueTask TransformRequestAsync(HttpContext httpContext, HttpRequestMessage proxyRequest, string destinationPrefix, CancellationToken cancellationToken)
        {
            await base.TransformRequestAsync(httpContext, proxyRequest, destinationPrefix, cancellationToken);
            proxyRequest.Headers.Host = httpContext.Request.Host.Value;
        }
    }
}
