using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace EndToEnd.Tests;

/// <summary>Whom a hub sends its traces and metrics to, by OTLP over HTTP: keeps every body as it came.</summary>
internal sealed class OtlpReceiver : IAsyncDisposable
{
    private readonly WebApplication _web;
    private readonly ConcurrentQueue<(string Path, byte[] Body)> _calls = new();

    private OtlpReceiver(WebApplication web) => _web = web;

    public string Address => _web.Urls.First();

    public static async Task<OtlpReceiver> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var receiver = new OtlpReceiver(builder.Build());
        receiver._web.MapPost("/v1/{signal}", async (HttpContext http, string signal) =>
        {
            using var body = new MemoryStream();
            await http.Request.Body.CopyToAsync(body);
            receiver._calls.Enqueue((signal, body.ToArray()));
        });
        await receiver._web.StartAsync();
        return receiver;
    }

    /// <summary>True when spans of a trace came.</summary>
    public bool Has(ActivityTraceId trace)
    {
        var id = new byte[16];
        trace.CopyTo(id);
        return _calls.Any(call => call.Path == "traces" && call.Body.AsSpan().IndexOf(id) >= 0);
    }

    /// <summary>True when a text stands in anything that came.</summary>
    public bool Holds(string text) => _calls.Any(call => call.Body.AsSpan().IndexOf(Encoding.UTF8.GetBytes(text)) >= 0);

    public ValueTask DisposeAsync() => _web.DisposeAsync();
}
