using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.HubSpot;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Connectors.Tests.HubSpot;

/// <summary>A HubSpot that gives one prepared answer per call and keeps what it was asked.</summary>
internal sealed class ScriptedHubSpot : HttpMessageHandler
{
    private readonly ConcurrentQueue<Func<SentRequest, HttpResponseMessage>> _answers = new();

    public List<SentRequest> Sent { get; } = [];

    public string? Token { get; set; } = "canary-token";

    public TimeProvider Time { get; set; } = TimeProvider.System;

    public ILoggerFactory Loggers { get; set; } = NullLoggerFactory.Instance;

    public ICallGate Gate { get; set; } = OpenGate.Instance;

    public TimeSpan CallTimeout { get; set; } = TimeSpan.FromSeconds(30);

    public ScriptedHubSpot Answer(int status, string body = "", string? retryAfter = null)
        => Answer(_ =>
        {
            var response = new HttpResponseMessage((HttpStatusCode)status) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
            if (retryAfter is not null)
            {
                response.Headers.RetryAfter = RetryConditionHeaderValue.Parse(retryAfter);
            }

            return response;
        });

    public ScriptedHubSpot Answer(Func<SentRequest, HttpResponseMessage> answer)
    {
        _answers.Enqueue(answer);
        return this;
    }

    public ScriptedHubSpot Fail(Exception exception) => Answer(_ => throw exception);

    /// <summary>Answers an upsert with a contact for every input.</summary>
    public ScriptedHubSpot Upsert(params (long RecordId, string ContactId)[] contacts)
        => Answer(200, Contacts(contacts));

    public static string Contacts(params (long RecordId, string ContactId)[] contacts)
        => $$"""{"status":"COMPLETE","results":[{{string.Join(",", contacts.Select(c =>
            $$$"""{"id":"{{{c.ContactId}}}","properties":{"hs_object_id":"{{{c.ContactId}}}"},"new":true,"objectWriteTraceId":"{{{c.RecordId}}}"}"""))}}]}""";

    public HubSpotConnector Connect(string identityKey = "hub_external_id", params (string Name, string Value)[] values)
        => (HubSpotConnector)new HubSpotConnectorFactory().Create(new ConnectorContext
        {
            Settings = Settings(identityKey, values),
            Transport = this,
            Time = Time,
            Loggers = Loggers,
            CallTimeout = CallTimeout,
        })(Gate);

    public DestinationSettings Settings(string identityKey = "hub_external_id", params (string Name, string Value)[] values) => new()
    {
        Name = "hubspot",
        BaseUrl = new Uri("https://api.hubapi.com"),
        IdentityKey = identityKey,
        Values = values.ToDictionary(static value => value.Name, static value => value.Value),
        Secrets = new Dictionary<string, Func<string?>> { ["access_token"] = () => Token },
    };

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var sent = await SentRequest.FromAsync(request, cancellationToken);
        Sent.Add(sent);
        return _answers.TryDequeue(out var answer)
            ? answer(sent)
            : throw new InvalidOperationException($"No answer is prepared for call {Sent.Count}: {sent.Method} {sent.Uri}");
    }
}

internal sealed record SentRequest(string Method, Uri Uri, IReadOnlyList<string> Headers, string Body)
{
    public static async Task<SentRequest> FromAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var headers = request.Headers.Concat(request.Content?.Headers ?? Enumerable.Empty<KeyValuePair<string, IEnumerable<string>>>())
            .Where(static header => header.Key != "User-Agent") // its version changes; the conformance suite holds every call to it
            .Select(static header => $"{header.Key}: {string.Join(", ", header.Value)}")
            .Order(StringComparer.Ordinal);
        var body = request.Content is null ? "" : await request.Content.ReadAsStringAsync(cancellationToken);
        return new(request.Method.Method, request.RequestUri!, [.. headers], body);
    }

    public override string ToString() => $"{Method} {Uri.AbsoluteUri}\n{string.Join("\n", Headers)}\n\n{Body}\n";
}
