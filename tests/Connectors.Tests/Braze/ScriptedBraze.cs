using System.Globalization;
using System.Net;
using System.Text;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.Braze;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Connectors.Tests.Braze;

/// <summary>A Braze that gives one prepared answer per call, the last one again and again, and keeps what it was asked.</summary>
internal sealed class ScriptedBraze : HttpMessageHandler
{
    public const string Success = """{"message":"success","attributes_processed":1}""";

    public static readonly AudienceTarget Audience = new("spring", "aud_spring");

    private readonly Queue<Func<HttpResponseMessage>> _answers = new();

    public List<string> Sent { get; } = [];

    public List<string> Bodies { get; } = [];

    public string? Key { get; set; } = "canary-key";

    public TimeProvider Time { get; set; } = TimeProvider.System;

    public ICallGate Gate { get; set; } = OpenGate.Instance;

    public ILoggerFactory Loggers { get; set; } = NullLoggerFactory.Instance;

    /// <summary>Answers with a recorded body.</summary>
    public ScriptedBraze Answer(int status, Recording recording) => Answer(status, Recorded.Read(recording.Name));

    public ScriptedBraze Answer(int status, string body = "", params (string Name, string Value)[] headers)
    {
        _answers.Enqueue(() =>
        {
            var response = new HttpResponseMessage((HttpStatusCode)status) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
            foreach (var (name, value) in headers)
            {
                response.Headers.TryAddWithoutValidation(name, value);
            }

            return response;
        });
        return this;
    }

    /// <summary>Answers an export: the people with these numbers are there.</summary>
    public ScriptedBraze Know(params int[] ids) => Answer(
        200, $$"""{"message":"success","users":[{{string.Join(',', ids.Select(id => $$"""{"external_id":"c-{{id}}","braze_id":"5f{{id}}"}"""))}}]}""");

    public ScriptedBraze Fail(Exception exception)
    {
        _answers.Enqueue(() => throw exception);
        return this;
    }

    public BrazeConnector Connect(string identityKey = "external_id") => (BrazeConnector)new BrazeConnectorFactory().Create(new ConnectorContext
    {
        Settings = new DestinationSettings
        {
            Name = "braze",
            BaseUrl = new Uri("https://rest.fra-01.braze.eu"),
            IdentityKey = identityKey,
            Secrets = new Dictionary<string, Func<string?>> { ["api_key"] = () => Key },
        },
        Transport = this,
        Time = Time,
        Loggers = Loggers,
    })(Gate);

    public static Batch Of(Operation operation, params BatchItem[] items)
        => new() { Operation = operation, Audience = operation is Operation.AddMember or Operation.RemoveMember ? Audience : null, Items = items };

    public static Batch Of(Operation operation, int people) => Of(operation, [.. Enumerable.Range(1, people).Select(id => Person(id))]);

    /// <summary>Somebody whose identity changes.</summary>
    public static BatchItem Changing(int id, IdentityChange change) => Person(id) with { Identity = change };

    /// <summary>Somebody who decided.</summary>
    public static BatchItem Deciding(int id, ConsentChange consent) => Person(id) with { Consent = consent };

    /// <summary>Somebody who did something.</summary>
    public static BatchItem Doing(int id, Behavior tracked) => Person(id) with { Event = tracked };

    public static BatchItem Person(int id, params Field[] fields)
        => new() { RecordId = id, Key = string.Create(CultureInfo.InvariantCulture, $"c-{id}"), Fields = fields };

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var body = request.Content is null ? "" : await request.Content.ReadAsStringAsync(cancellationToken);
        var headers = request.Headers.Concat(request.Content?.Headers ?? Enumerable.Empty<KeyValuePair<string, IEnumerable<string>>>())
            .Where(static header => header.Key != "User-Agent") // its version changes; the conformance suite holds every call to it
            .Select(header => $"{header.Key}: {string.Join(", ", header.Value)}")
            .Order(StringComparer.Ordinal);
        Sent.Add($"{request.Method} {request.RequestUri!.AbsoluteUri}\n{string.Join('\n', headers)}\n\n{body}\n");
        Bodies.Add(body);
        Func<HttpResponseMessage> answer;
        lock (_answers)
        {
            answer = _answers.Count > 1 ? _answers.Dequeue() : _answers.Peek();
        }

        return answer();
    }
}

/// <summary>Name of a recorded answer.</summary>
internal readonly record struct Recording(string Name);
