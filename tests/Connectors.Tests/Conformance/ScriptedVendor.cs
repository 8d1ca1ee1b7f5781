using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.RegularExpressions;

namespace Connectors.Tests.Conformance;

/// <summary>
/// A vendor that is nothing but a script: each rule answers the requests of a method and path with its answers in turn, the last one again
/// and again. The first rule that fits counts. So a connector can be tried before its sandbox exists. Thread-safe.
/// </summary>
internal sealed class ScriptedVendor : HttpMessageHandler
{
    private readonly Lock _gate = new();
    private readonly List<Rule> _rules = [];
    private readonly List<string> _asked = [];

    /// <summary>Method and path of each request, in order.</summary>
    public IReadOnlyList<string> Asked
    {
        get
        {
            lock (_gate)
            {
                return [.. _asked];
            }
        }
    }

    /// <summary>Answers a method and path.</summary>
    /// <param name="method">HTTP method, or <c>*</c>.</param>
    /// <param name="path">Path without its query; <c>*</c> stands for any text.</param>
    /// <param name="answers">One per request; the last one goes on.</param>
    public ScriptedVendor On(string method, string path, params ScriptedAnswer[] answers)
    {
        _rules.Add(new Rule(method, new Regex($"^{Regex.Escape(path).Replace(@"\*", ".*", StringComparison.Ordinal)}$"), new Queue<ScriptedAnswer>(answers)));
        return this;
    }

    /// <summary>Answers whatever no rule before answers.</summary>
    public ScriptedVendor Otherwise(params ScriptedAnswer[] answers) => On("*", "*", answers);

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var answer = Take(request.Method.Method, request.RequestUri!.AbsolutePath);
        if (answer != ScriptedAnswer.Unreachable)
        {
            // As a server would: what was read may have been done, even if no answer comes.
            await (request.Content?.ReadAsByteArrayAsync(cancellationToken) ?? Task.CompletedTask);
        }

        return await answer.RespondAsync(cancellationToken);
    }

    private ScriptedAnswer Take(string method, string path)
    {
        lock (_gate)
        {
            _asked.Add($"{method} {path}");
            var answers = _rules.FirstOrDefault(rule => (rule.Method == "*" || rule.Method == method) && rule.Path.IsMatch(path))?.Answers
                ?? throw new InvalidOperationException($"The script has no answer to {method} {path}.");
            return answers.Count > 1 ? answers.Dequeue() : answers.Peek();
        }
    }

    private sealed record Rule(string Method, Regex Path, Queue<ScriptedAnswer> Answers);
}

/// <summary>An answer of a <see cref="ScriptedVendor"/>, or none.</summary>
internal sealed record ScriptedAnswer
{
    private readonly Func<CancellationToken, Task<HttpResponseMessage>> _respond;

    private ScriptedAnswer(string name, Func<CancellationToken, Task<HttpResponseMessage>> respond) => (Name, _respond) = (name, respond);

    /// <summary>For messages.</summary>
    public string Name { get; }

    /// <summary>No connection is made, so that nothing of the request was sent.</summary>
    public static ScriptedAnswer Unreachable { get; } = new("unreachable", static _ => throw new HttpRequestException(HttpRequestError.ConnectionError, "Connection refused."));

    /// <summary>The request is taken, and no answer comes before the client gives up.</summary>
    public static ScriptedAnswer Late { get; } = new("late", async cancellationToken =>
    {
        await new TaskCompletionSource().Task.WaitAsync(cancellationToken);
        throw new InvalidOperationException("Nobody waits that long.");
    });

    /// <summary>The request is taken, then the connection breaks.</summary>
    public static ScriptedAnswer Lost { get; } = new("lost", static _ => throw new HttpRequestException(HttpRequestError.ResponseEnded, "The connection broke."));

    /// <summary>A JSON body, or whatever a vendor calls so: a cut-off or empty one.</summary>
    public static ScriptedAnswer Json(int status, string body, params (string Name, string Value)[] headers) => Of(status, body, "application/json", headers);

    /// <summary>A page of what stands before the vendor.</summary>
    public static ScriptedAnswer Html(int status) => Of(status, "<html><head><title>Bad Gateway</title></head><body>canary</body></html>", "text/html", []);

    public Task<HttpResponseMessage> RespondAsync(CancellationToken cancellationToken) => _respond(cancellationToken);

    public override string ToString() => Name;

    private static ScriptedAnswer Of(int status, string body, string mediaType, (string Name, string Value)[] headers) => new($"{status} {mediaType}", _ =>
    {
        var response = new HttpResponseMessage((HttpStatusCode)status)
        {
            Content = new StringContent(body, Encoding.UTF8, new MediaTypeHeaderValue(mediaType, "utf-8")),
        };
        foreach (var (name, value) in headers)
        {
            response.Headers.TryAddWithoutValidation(name, value);
        }

        return Task.FromResult(response);
    });
}
