using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace IntegrationHub.Hub.Tests.Alerts;

/// <summary>A real HTTP server that keeps what it is told and answers as it is told to; then 200.</summary>
internal sealed class Receiver : IAsyncDisposable
{
    private readonly WebApplication _web;

    private Receiver(WebApplication web) => _web = web;

    public ConcurrentQueue<(string Body, IReadOnlyDictionary<string, string> Headers)> Calls { get; } = new();

    public ConcurrentQueue<(int Status, string Body)> Answers { get; } = new();

    public Uri Address => new($"{_web.Urls.First()}/in");

    public static async Task<Receiver> StartAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var receiver = new Receiver(builder.Build());
        receiver._web.MapPost("/in", async http =>
        {
            using var body = new StreamReader(http.Request.Body);
            receiver.Calls.Enqueue((await body.ReadToEndAsync(), http.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase)));
            var (status, text) = receiver.Answers.TryDequeue(out var answer) ? answer : (200, "ok");
            http.Response.StatusCode = status;
            await http.Response.WriteAsync(text);
        });
        await receiver._web.StartAsync();
        return receiver;
    }

    public ValueTask DisposeAsync() => _web.DisposeAsync();
}
