using System.Net;
using System.Text;

namespace Hub.Tests.Cli;

/// <summary>A hub that answers from a list: per method and path its answers in order, the last one repeated. Remembers what it was asked.</summary>
internal sealed class ScriptedHub : HttpMessageHandler
{
    private readonly Dictionary<string, Queue<(HttpStatusCode Status, string Body)>> _answers = [];

    public List<(string Call, string Body, HttpRequestMessage Request)> Asked { get; } = [];

    public string Calls => string.Join('\n', Asked.Select(asked => asked.Call));

    public ScriptedHub Answer(string call, string body, HttpStatusCode status = HttpStatusCode.OK)
    {
        if (!_answers.TryGetValue(call, out var answers))
            _answers[call] = answers = new Queue<(HttpStatusCode, string)>();
        answers.Enqueue((status, body));
        return this;
    }

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var call = $"{request.Method} {request.RequestUri!.PathAndQuery}";
        Asked.Add((call, request.Content is null ? "" : await request.Content.ReadAsStringAsync(cancellationToken), request));
        if (!_answers.TryGetValue(call, out var answers))
            throw new HttpRequestException(HttpRequestError.ConnectionError, $"nothing scripted for {call}");
        var (status, body) = answers.Count > 1 ? answers.Dequeue() : answers.Peek();
        return new HttpResponseMessage(status) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
    }
}
