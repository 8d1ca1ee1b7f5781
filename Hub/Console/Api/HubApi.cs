using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using IntegrationHub.Hub.Security;
using Microsoft.AspNetCore.Http.Features;

namespace IntegrationHub.Hub.Console.Api;

/// <summary>
/// Calls the hub's own API within the process: through the same gates, checks and commands as a call from outside, as whoever sits at the page. So pages, CLI and programs read and do the same,
/// and no page can do what the API would not let its reader do.
/// </summary>
internal sealed partial class HubApi(IServiceScopeFactory scopes, TimeProvider time, ILogger<HubApi> logger)
{
    /// <summary>Looks that many pages repeat by themselves see the same for so long.</summary>
    private static readonly TimeSpan _shared = TimeSpan.FromSeconds(1.5);

    /// <summary>What is answered alike to everybody of the same scopes: the Overview and the frame ask for it. A test compares the answers.</summary>
    internal static IReadOnlySet<string> AlikeForAll { get; } = new HashSet<string>(StringComparer.Ordinal)
    {
        "/v1/diagnoses", "/v1/alerts", "/v1/destinations", "/v1/instances", "/v1/series?hours=24", "/v1/config/versions?limit=10", "/v1/runs?open=true&limit=50", "/v1/backfills?open=true&limit=50", "/v1/erasures?open=true&limit=50", "/v1/audit?limit=6",
    };

    private readonly ConcurrentDictionary<string, (long At, Lazy<Task<Reply>> Reply)> _looks = new(StringComparer.Ordinal);

    /// <summary>What answers; null until the hub is built.</summary>
    public RequestDelegate? Pipeline { get; set; }

    /// <summary>Reads.</summary>
    /// <param name="http">The page's request.</param>
    /// <param name="path">Path and query, as <c>/v1/runs?limit=50</c>.</param>
    public async Task<Answer<T>> GetAsync<T>(HttpContext http, string path)
        where T : class
    {
        try
        {
            var reply = http.IsLook() ? await LookAsync(http, path) : await SendAsync(http, HttpMethods.Get, path, null, null, http.RequestAborted);
            return Read<T>(reply);
        }
        catch (Exception exception) when (!http.RequestAborted.IsCancellationRequested)
        {
            return Broken<T>(path, exception);
        }
    }

    /// <summary>Does.</summary>
    /// <param name="http">The page's request.</param>
    /// <param name="path">Path of the command.</param>
    /// <param name="body">Its body.</param>
    /// <param name="key">What tells a repeat of the same form.</param>
    public async Task<Answer<T>> PostAsync<T>(HttpContext http, string path, JsonObject body, string? key)
        where T : class
    {
        try
        {
            return Read<T>(await SendAsync(http, HttpMethods.Post, path, body, key, http.RequestAborted));
        }
        catch (Exception exception) when (!http.RequestAborted.IsCancellationRequested)
        {
            return Broken<T>(path, exception);
        }
    }

    /// <summary>
    /// However many pages somebody has open, one asks: what is repeated every few seconds is shared by them. Between people nothing is shared but <see cref="AlikeForAll"/>: an answer may be about who asks.
    /// </summary>
    private async Task<Reply> LookAsync(HttpContext http, string path)
    {
        var key = $"{(AlikeForAll.Contains(path) ? "" : http.Caller().Id)}\n{string.Join(' ', http.Caller().Scopes.Order(StringComparer.Ordinal))}\n{path}";
        var look = _looks.AddOrUpdate(key, _ => Begin(), (_, last) => time.GetElapsedTime(last.At) < _shared ? last : Begin());
        if (_looks.Count > 500)
        {
            foreach (var old in _looks.Where(entry => time.GetElapsedTime(entry.Value.At) > _shared).ToList())
            {
                _looks.TryRemove(old);
            }
        }

        return await look.Reply.Value.WaitAsync(http.RequestAborted);

        (long, Lazy<Task<Reply>>) Begin()
        {
            var caller = http.Caller();
            return (time.GetTimestamp(), new Lazy<Task<Reply>>(() => SendAsync(caller, HttpMethods.Get, path, null, null, CancellationToken.None)));
        }
    }

    private Task<Reply> SendAsync(HttpContext http, string method, string path, JsonObject? body, string? key, CancellationToken cancellationToken) =>
        SendAsync(http.Caller(), method, path, body, key, cancellationToken);

    private async Task<Reply> SendAsync(Principal caller, string method, string path, JsonObject? body, string? key, CancellationToken cancellationToken)
    {
        if (path.Contains("%00", StringComparison.Ordinal))
        {
            return new Reply(StatusCodes.Status404NotFound, []); // no server takes such a path
        }

        await using var scope = scopes.CreateAsyncScope();
        using var answer = new MemoryStream();
        var call = new DefaultHttpContext { RequestServices = scope.ServiceProvider, RequestAborted = cancellationToken };
        call.Features.Set(caller);
        call.Features.Set(WithinProcess.Instance);
        var request = call.Request;
        request.Method = method;
        request.Scheme = "http";
        request.Host = new HostString("localhost");
        var query = path.IndexOf('?', StringComparison.Ordinal);
        request.Path = PathString.FromUriComponent(query < 0 ? path : path[..query]);
        request.QueryString = new QueryString(query < 0 ? "" : path[query..]);
        request.Headers.UserAgent = "integrationhub-console";
        if (body is not null)
        {
            var bytes = JsonSerializer.SerializeToUtf8Bytes(body);
            request.Body = new MemoryStream(bytes);
            request.ContentType = "application/json";
            request.ContentLength = bytes.Length;
            call.Features.Set<IHttpRequestBodyDetectionFeature>(BodyGiven.Instance);
        }

        if (key is not null)
        {
            request.Headers[CommandGate.Header] = key;
        }

        call.Response.Body = answer;
        await Pipeline!(call);
        await call.Response.CompleteAsync();
        return new Reply(call.Response.StatusCode, answer.ToArray());
    }

    private static Answer<T> Read<T>(Reply reply)
        where T : class
    {
        if (reply.Status is >= 200 and < 300)
        {
            return new Answer<T>(JsonSerializer.Deserialize<T>(reply.Body, JsonSerializerOptions.Web), null, reply.Status);
        }

        var detail = reply.Body.Length > 0 && reply.Body[0] == '{' && JsonNode.Parse(reply.Body)?["detail"] is { } said ? said.GetValue<string>() : $"The hub answered {reply.Status}.";
        return new Answer<T>(null, detail, reply.Status);
    }

    private Answer<T> Broken<T>(string path, Exception exception)
        where T : class
    {
        var trace = Activity.Current?.TraceId.ToString();
        LogBroken(path.Split('?')[0], exception.GetType().Name, exception);
        return new Answer<T>(null, $"The hub could not read this at {time.GetUtcNow():u}; the rest of the page may be as it should.{(trace is null ? "" : $" Look for the trace {trace} in its log.")}", StatusCodes.Status503ServiceUnavailable);
    }

    [LoggerMessage(3600, LogLevel.Error, "A page could not ask the hub {Name} ({Error})")]
    private partial void LogBroken(string name, string error, Exception exception);

    private sealed record Reply(int Status, byte[] Body);
}
