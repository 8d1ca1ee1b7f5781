using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.Braze;
using IntegrationHub.Connectors.Sandbox;
using IntegrationHub.Connectors.Sandbox.Braze;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Connectors.Tests.Braze;

/// <summary>The Braze sandbox, served, with a clock that stands still, a plain client and connectors. Accepted work is visible at once unless a delay is set.</summary>
internal sealed class ServedBraze : IAsyncDisposable
{
    private readonly SandboxServer _server;
    private readonly HttpClient _http = new();
    private readonly SocketsHttpHandler _transport = new();

    private ServedBraze(SandboxServer server, FakeTimeProvider time)
    {
        (_server, Time) = (server, time);
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Sandbox.Credentials["api_key"]);
    }

    public FakeTimeProvider Time { get; }

    public VendorRoom Room => _server["braze"];

    public BrazeSandbox Sandbox => (BrazeSandbox)Room.Vendor;

    public static async Task<ServedBraze> StartAsync()
    {
        var time = Clock.AtNoon();
        return new ServedBraze(await SandboxServer.StartAsync(new SandboxOptions { ApplyDelay = TimeSpan.Zero, Time = time }, default), time);
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        _transport.Dispose();
        await _server.DisposeAsync();
    }

    public BrazeConnector Connect(string identityKey = "external_id") => (BrazeConnector)new BrazeConnectorFactory().Create(new ConnectorContext
    {
        Settings = new DestinationSettings
        {
            Name = "braze",
            BaseUrl = _server.BaseUrl("braze"),
            IdentityKey = identityKey,
            Secrets = Sandbox.Credentials.ToDictionary(secret => secret.Key, secret => (Func<string?>)(() => secret.Value)),
        },
        Transport = _transport,
        Time = Time,
        Loggers = NullLoggerFactory.Instance,
    })(OpenGate.Instance);

    /// <summary>Delivers one record.</summary>
    public async Task<(Outcome Outcome, string? Code)> DeliverAsync(Operation operation, BatchItem item, string identityKey = "external_id")
    {
        var outcome = (await Connect(identityKey).DeliverAsync(ScriptedBraze.Of(operation, item), default)).Outcomes.Single();
        Assert.That(outcome.RecordId, Is.EqualTo(item.RecordId));
        return (outcome.Outcome, outcome.Code);
    }

    public Task<JsonElement> TrackAsync(params string[] attributes) => PostAsync("users/track", $$"""{"attributes":[{{string.Join(',', attributes)}}]}""", 201);

    public async Task<JsonElement> PostAsync(string path, string body, int status)
    {
        var (actual, answer, _) = await CallAsync(HttpMethod.Post, path, body);
        Assert.That(actual, Is.EqualTo(status), answer.GetRawText());
        return answer;
    }

    public async Task<JsonElement> GetAsync(string path)
    {
        var (status, answer, _) = await CallAsync(HttpMethod.Get, path, null);
        Assert.That(status, Is.EqualTo(200), answer.GetRawText());
        return answer;
    }

    public async Task<(int Status, JsonElement Answer, HttpResponseHeaders Headers)> CallAsync(HttpMethod method, string path, string? body)
    {
        using var request = new HttpRequestMessage(method, $"{_server.BaseUrl("braze")}/{path}");
        request.Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json");
        using var answer = await _http.SendAsync(request);
        return ((int)answer.StatusCode, JsonSerializer.Deserialize<JsonElement>(await answer.Content.ReadAsStringAsync()), answer.Headers);
    }

    public async Task<JsonElement[]> ExportAsync(string request)
    {
        var answer = await PostAsync(
            "users/export/ids",
            $$"""{{{request}},"fields_to_export":["external_id","braze_id","email","email_subscribe","user_aliases","first_name","last_name","custom_attributes","custom_events","purchases"]}""", 200);
        return [.. answer.GetProperty("users").EnumerateArray()];
    }

    /// <summary>The person with the external id, or null.</summary>
    public SandboxPerson? Person(string externalId) => Sandbox.People().SingleOrDefault(person => person.Keys.GetValueOrDefault("external_id") == externalId);

    /// <summary>External ids of everybody, <c>-</c> for the unidentified.</summary>
    public string[] Everybody() => [.. Sandbox.People().Select(person => person.Keys.GetValueOrDefault("external_id", "-")).Order(StringComparer.Ordinal)];

    public long CallsOf(string path) => Room.Stats.Of(path).Calls;
}
