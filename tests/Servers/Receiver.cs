using System.Collections.Concurrent;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace IntegrationHub.TestServers;

/// <summary>A real HTTP server that keeps what it is told and answers as it is told to; then 200.</summary>
public sealed class Receiver : IAsyncDisposable
{
    private readonly WebApplication _web;

    private Receiver(WebApplication web) => _web = web;

    public ConcurrentQueue<(string Body, IReadOnlyDictionary<string, string> Headers)> Calls { get; } = new();

    public ConcurrentQueue<(int Status, string Body)> Answers { get; } = new();

    /// <summary>Seconds that answers other than 2xx ask to wait; null for none.</summary>
    public int? RetryAfter { get; set; }

    public Uri Address => new($"{_web.Urls.First()}/in");

    /// <param name="after">What it waits for before it answers; null for nothing.</param>
    public static async Task<Receiver> StartAsync(Task? after = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var receiver = new Receiver(builder.Build());
        receiver._web.MapPost("/in", async http =>
        {
            using var body = new StreamReader(http.Request.Body);
            receiver.Calls.Enqueue((await body.ReadToEndAsync(), http.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase)));
            await (after ?? Task.CompletedTask);
            var (status, text) = receiver.Answers.TryDequeue(out var answer) ? answer : (200, "ok");
            http.Response.StatusCode = status;
            if (status >= 300 && receiver.RetryAfter is { } seconds)
            {
                http.Response.Headers.RetryAfter = seconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
            }

            await http.Response.WriteAsync(text);
        });
        await receiver._web.StartAsync();
        return receiver;
    }

    public ValueTask DisposeAsync() => _web.DisposeAsync();
}
