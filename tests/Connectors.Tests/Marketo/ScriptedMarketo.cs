using System.Collections.Concurrent;
using System.Net;
using System.Text;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.Abstractions.Notices;
using IntegrationHub.Connectors.Marketo;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Connectors.Tests.Marketo;

/// <summary>A Marketo that gives one prepared answer per call, a token whenever it is asked for one, and keeps what it was asked.</summary>
internal sealed class ScriptedMarketo : HttpMessageHandler
{
    /// <summary>The one custom activity type of the instance, and its attributes.</summary>
    public const string PurchaseType = """{"id":100001,"apiName":"hubPurchase","name":"Purchase","status":"approved"}""";

    public const string PurchaseAttributes = """
        {"id":100001,"apiName":"hubPurchase","status":"approved","primaryAttribute":{"apiName":"productId","dataType":"string"},"attributes":[{"apiName":"hubEventId","dataType":"string"},
        {"apiName":"currency","dataType":"string"},{"apiName":"price","dataType":"currency"},{"apiName":"quantity","dataType":"integer"}]}
        """;

    private readonly ConcurrentQueue<Func<Task<HttpResponseMessage>>> _answers = new();
    private int _tokens;

    public const string Secret = "canary-secret";

    public List<string> Sent { get; } = [];

    public int TokensAsked => _tokens;

    /// <summary>Answers the identity endpoint; the argument counts its calls from 1.</summary>
    public Func<int, Task<HttpResponseMessage>> Identity { get; set; } = count => Task.FromResult(Json(Token(count)));

    public TimeProvider Time { get; set; } = Clock.AtNoon();

    public ILoggerFactory Loggers { get; set; } = NullLoggerFactory.Instance;

    public IVendorNotices? Notices { get; init; }

    public ICallGate Gate { get; set; } = OpenGate.Instance;

    public TimeSpan CallTimeout { get; set; } = TimeSpan.FromSeconds(30);

    public Dictionary<string, Func<string?>> Secrets { get; } = new() { ["client_id"] = () => "canary-client", ["client_secret"] = () => Secret };

    public static string Token(int number, int secondsLeft = 3599) =>
        $$"""{"access_token":"token-{{number}}:int","token_type":"bearer","expires_in":{{secondsLeft}},"scope":"apis@example.test"}""";

    public static HttpResponseMessage Json(string body, HttpStatusCode status = HttpStatusCode.OK) =>
        new(status) { Content = new StringContent(body, Encoding.UTF8, "application/json") };

    public ScriptedMarketo Rows(params string[] rows) => Answer($$"""{"requestId":"e42b#14272d07d78","success":true,"result":[{{string.Join(',', rows)}}]}""");

    public ScriptedMarketo Fail(string code) =>
        Answer($$"""{"requestId":"e42b#14272d07d78","success":false,"errors":[{"code":"{{code}}","message":"about person1@example.test"}]}""");

    public ScriptedMarketo Answer(string body, HttpStatusCode status = HttpStatusCode.OK) => Answer(() => Task.FromResult(Json(body, status)));

    public ScriptedMarketo Answer(Func<Task<HttpResponseMessage>> answer)
    {
        _answers.Enqueue(answer);
        return this;
    }

    public static string Row(long id, string status) => $$"""{"id":{{id}},"status":"{{status}}"}""";

    public static string Skipped(string code, long? id = null) =>
        $$"""{{{(id is null ? "" : $"\"id\":{id},")}}"status":"skipped","reasons":[{"code":"{{code}}","message":"about person1@example.test"}]}""";

    public MarketoConnector Connect(string identityKey = "email", params (string Name, string Value)[] values) =>
        (MarketoConnector)new MarketoConnectorFactory().Create(new ConnectorContext
        {
            Settings = Settings(identityKey, values),
            Transport = this,
            Time = Time,
            Loggers = Loggers,
            Notices = Notices,
            CallTimeout = CallTimeout,
        })(Gate);

    public DestinationSettings Settings(string identityKey = "email", params (string Name, string Value)[] values) => new()
    {
        Name = "marketo",
        BaseUrl = new Uri("https://123-abc-456.mktorest.com"),
        IdentityKey = identityKey,
        Values = values.ToDictionary(value => value.Name, value => value.Value),
        Secrets = Secrets,
    };

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var isIdentity = request.RequestUri!.AbsolutePath == "/identity/oauth/token";
        var text = await DescribeAsync(request);
        lock (Sent)
        {
            Sent.Add(text);
        }

        if (isIdentity)
        {
            return await Identity(Interlocked.Increment(ref _tokens));
        }

        return _answers.TryDequeue(out var answer)
            ? await answer().WaitAsync(cancellationToken)
            : throw new InvalidOperationException($"No answer is prepared for call {Sent.Count}: {text}");
    }

    private static async Task<string> DescribeAsync(HttpRequestMessage request)
    {
        var headers = request.Headers.Concat(request.Content?.Headers ?? Enumerable.Empty<KeyValuePair<string, IEnumerable<string>>>())
            .Where(static header => header.Key != "User-Agent") // its version changes; the conformance suite holds every call to it
            .Select(header => $"{header.Key}: {string.Join(", ", header.Value)}").Order(StringComparer.Ordinal);
        var body = request.Content is null ? "" : (await request.Content.ReadAsStringAsync()).ReplaceLineEndings("\n");
        return $"{request.Method} {request.RequestUri!.AbsoluteUri}\n{string.Join('\n', headers)}\n\n{body}\n";
    }
}
