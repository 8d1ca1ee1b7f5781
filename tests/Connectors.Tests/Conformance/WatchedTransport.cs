using System.Collections.Concurrent;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;

namespace Connectors.Tests.Conformance;

/// <summary>The transport of a connector under test: notes what goes out and comes in, and can rewrite JSON answers.</summary>
internal sealed class WatchedTransport() : DelegatingHandler(new SocketsHttpHandler())
{
    private readonly ConcurrentQueue<Uri> _uris = [];
    private readonly ConcurrentQueue<string> _userAgents = [];
    private int _rewritten;
    private int _calls;

    public IEnumerable<Uri> Uris => _uris;

    /// <summary>The <c>User-Agent</c> of every call; empty where there was none.</summary>
    public IEnumerable<string> UserAgents => _userAgents;

    /// <summary>The longest wait that an answer asked for in a header named like <c>retry-after</c>, in seconds.</summary>
    public double? RetryAfter { get; private set; }

    /// <summary>Changes a JSON answer; returns whether it did.</summary>
    public Func<JsonNode, bool>? Rewrite { get; set; }

    /// <summary>Answers that were changed.</summary>
    public int Rewritten => _rewritten;

    /// <summary>Told of every call before it is made, with its number since the last clearing, from 1.</summary>
    public Action<HttpRequestMessage, int>? Sending { get; set; }

    /// <summary>Calls since the last clearing.</summary>
    public int Calls => _calls;

    public void Clear()
    {
        _uris.Clear();
        _userAgents.Clear();
        _calls = 0;
        Sending = null;
        _rewritten = 0;
        RetryAfter = null;
        Rewrite = null;
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        _uris.Enqueue(request.RequestUri!);
        _userAgents.Enqueue(request.Headers.UserAgent.ToString());
        var number = Interlocked.Increment(ref _calls);
        Sending?.Invoke(request, number);
        var response = await base.SendAsync(request, cancellationToken);
        foreach (var header in response.Headers.Where(header => header.Key.Contains("retry-after", StringComparison.OrdinalIgnoreCase)))
        {
            RetryAfter = header.Value.Select(value => double.TryParse(value, out var seconds) ? seconds : 0).Max();
        }

        if (Rewrite is { } rewrite && response.Content.Headers.ContentType is { MediaType: "application/json" })
        {
            var body = JsonNode.Parse(await response.Content.ReadAsStringAsync(cancellationToken))!;
            if (rewrite(body))
            {
                Interlocked.Increment(ref _rewritten);
            }

            response.Content = new StringContent(body.ToJsonString(), new MediaTypeHeaderValue("application/json", "utf-8"));
        }

        return response;
    }
}
