using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace IntegrationHub.Benchmarks.Quota;

/// <summary>Stands between hubs and a sandbox, and notes when a call that names a person began to arrive.</summary>
internal sealed partial class WatchedVendor : IAsyncDisposable
{
    private static readonly string[] _hopByHop = ["Host", "Transfer-Encoding", "Connection", "Content-Length"];

    private readonly ConcurrentDictionary<string, DateTimeOffset> _last = new();
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseCookies = false, AllowAutoRedirect = false }) { Timeout = TimeSpan.FromMinutes(5) };
    private readonly WebApplication _web;
    private readonly Func<string, string, IEnumerable<string>> _people;
    private readonly Action<string, string, DateTimeOffset>? _accepted;

    private WatchedVendor(WebApplication web, Func<string, string, IEnumerable<string>> people, Action<string, string, DateTimeOffset>? accepted) => (_web, _people, _accepted) = (web, people, accepted);

    public string Address => _web.Urls.First();

    /// <param name="target">The sandbox.</param>
    /// <param name="writes">End of the path of the calls that write people.</param>
    /// <param name="accepted">Told of each such call that the vendor accepted: its body, and when the answer came.</param>
    public static Task<WatchedVendor> StartAsync(Uri target, string writes, Action<string, DateTimeOffset>? accepted = null) => StartAsync(
        target,
        (path, body) => path.EndsWith(writes, StringComparison.Ordinal) ? Person().Matches(body).Select(person => person.Groups[1].Value) : [],
        accepted is null ? null : (path, body, at) =>
        {
            if (path.EndsWith(writes, StringComparison.Ordinal))
            {
                accepted(body, at);
            }
        });

    /// <param name="target">The sandbox.</param>
    /// <param name="people">Whom a call names, by its path and its body.</param>
    /// <param name="accepted">Told of each call that the vendor accepted: its path, its body, and when the answer came.</param>
    public static async Task<WatchedVendor> StartAsync(Uri target, Func<string, string, IEnumerable<string>> people, Action<string, string, DateTimeOffset>? accepted = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var vendor = new WatchedVendor(builder.Build(), people, accepted);
        vendor._web.Run(context => vendor.PassAsync(context, target));
        await vendor._web.StartAsync();
        return vendor;
    }

    /// <summary>When the last call that wrote the person began; null when none did.</summary>
    public DateTimeOffset? LastCallFor(string person) => _last.TryGetValue(person, out var at) ? at : null;

    public async ValueTask DisposeAsync()
    {
        await _web.DisposeAsync();
        _http.Dispose();
    }

    private async Task PassAsync(HttpContext context, Uri target)
    {
        var began = TimeProvider.System.GetUtcNow();
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        foreach (var person in _people(context.Request.Path.Value!, System.Text.Encoding.UTF8.GetString(body.GetBuffer(), 0, (int)body.Length)))
        {
            _last.AddOrUpdate(person, began, (_, before) => before > began ? before : began);
        }

        using var request = new HttpRequestMessage(new HttpMethod(context.Request.Method), new Uri(target, context.Request.Path + context.Request.QueryString));
        request.Content = body.Length == 0 ? null : new ByteArrayContent(body.ToArray());
        foreach (var header in context.Request.Headers.Where(header => !_hopByHop.Contains(header.Key)))
        {
            if (!request.Headers.TryAddWithoutValidation(header.Key, (IEnumerable<string?>)header.Value))
            {
                request.Content?.Headers.TryAddWithoutValidation(header.Key, (IEnumerable<string?>)header.Value);
            }
        }

        using var answer = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, context.RequestAborted);
        if (_accepted is not null && answer.IsSuccessStatusCode)
        {
            _accepted(context.Request.Path.Value!, System.Text.Encoding.UTF8.GetString(body.GetBuffer(), 0, (int)body.Length), TimeProvider.System.GetUtcNow());
        }

        context.Response.StatusCode = (int)answer.StatusCode;
        foreach (var header in answer.Headers.Concat(answer.Content.Headers).Where(header => !_hopByHop.Contains(header.Key)))
        {
            context.Response.Headers[header.Key] = header.Value.ToArray();
        }

        await answer.Content.CopyToAsync(context.Response.Body, context.RequestAborted);
    }

    [GeneratedRegex("\"(c[0-9]+)\"")]
    private static partial Regex Person();
}
