using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.Marketo;
using IntegrationHub.Connectors.Sandbox;
using IntegrationHub.Connectors.Sandbox.Marketo;
using Microsoft.Extensions.Logging.Abstractions;

namespace Connectors.Tests.Marketo;

/// <summary>A sandbox of its own, called as the vendor's documentation says, and by the connector.</summary>
internal sealed class SandboxClient : IAsyncDisposable
{
    private readonly SandboxServer _server;
    private readonly SocketsHttpHandler _transport = new();
    private readonly HttpClient _http;

    private SandboxClient(SandboxServer server)
    {
        _server = server;
        _http = new HttpClient(_transport, disposeHandler: false);
    }

    public MarketoSandbox Marketo => (MarketoSandbox)Room.Vendor;

    public VendorRoom Room => _server["marketo"];

    public static async Task<SandboxClient> StartAsync(SandboxOptions? options = null, bool authorized = true)
    {
        var client = new SandboxClient(await SandboxServer.StartAsync(options ?? new SandboxOptions { Quotas = false }, default));
        if (authorized)
        {
            await client.AuthorizeAsync();
        }

        return client;
    }

    public async Task<JsonElement> AuthorizeAsync()
    {
        var answer = await TokenAsync(Marketo.Credentials["client_id"], Marketo.Credentials["client_secret"]);
        var token = (await answer.Content.ReadFromJsonAsync<JsonElement>()).Clone();
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token.GetProperty("access_token").GetString());
        return token;
    }

    public Task<HttpResponseMessage> TokenAsync(string id, string secret) =>
        _http.GetAsync(At($"/identity/oauth/token?grant_type=client_credentials&client_id={id}&client_secret={secret}"));

    public async Task<HttpResponseMessage> SendAsync(string method, string path, string? body = null, string type = "application/json", (long From, long To)? range = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), At(path));
        if (range is var (from, to))
        {
            request.Headers.Range = new RangeHeaderValue(from, to);
        }

        if (body is not null)
        {
            request.Content = new StringContent(body, Encoding.UTF8);
            request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        }

        return await _http.SendAsync(request);
    }

    public async Task<JsonElement> CallAsync(string method, string path, string? body = null, string type = "application/json")
    {
        using var answer = await SendAsync(method, path, body, type);
        Assert.That((int)answer.StatusCode, Is.EqualTo(200));
        return await answer.Content.ReadFromJsonAsync<JsonElement>();
    }

    /// <summary>The failure code of a call, or <c>ok</c>.</summary>
    public async Task<string> CodeAsync(string method, string path, string? body = null, string type = "application/json") =>
        Code(await CallAsync(method, path, body, type));

    public static string Code(JsonElement answer) => answer.GetProperty("success").GetBoolean() ? "ok" : answer.GetProperty("errors")[0].GetProperty("code").GetString()!;

    /// <summary>Upserts and returns, per record, the id and status, or the reason code.</summary>
    public async Task<string[]> UpsertAsync(string input, string action = "createOrUpdate", string lookup = "email") =>
        Rows(await CallAsync("POST", "/rest/v1/leads.json", $$"""{"action":"{{action}}","lookupField":"{{lookup}}","input":[{{input}}]}"""));

    public static string[] Rows(JsonElement answer) =>
    [
        .. answer.GetProperty("result").EnumerateArray().Select(row => row.TryGetProperty("reasons", out var reasons)
            ? $"{row.GetProperty("status").GetString()} {reasons[0].GetProperty("code").GetString()}"
            : $"{row.GetProperty("id").GetInt64()} {row.GetProperty("status").GetString()}"),
    ];

    /// <summary>Starts an import and returns its id, or the failure code.</summary>
    public async Task<string> ImportAsync(string csv, string query = "format=csv&lookupField=email")
    {
        using var part = new StringContent(csv, Encoding.UTF8, "text/csv");
        using var form = new MultipartFormDataContent { { part, "\"file\"", "\"people.csv\"" } };
        using var answer = await _http.PostAsync(At($"/bulk/v1/leads.json?{query}"), form);
        if ((int)answer.StatusCode != 200)
        {
            return $"http {(int)answer.StatusCode}";
        }

        var json = await answer.Content.ReadFromJsonAsync<JsonElement>();
        return Code(json) is "ok" ? $"{json.GetProperty("result")[0].GetProperty("batchId").GetInt32()}" : Code(json);
    }

    public async Task<string> TextAsync(string path)
    {
        using var answer = await SendAsync("GET", path);
        return $"{(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}";
    }

    public async Task<long> CreateListAsync(string name = "Hub: spring")
    {
        var answer = await CallAsync(
            "POST", "/rest/asset/v1/staticLists.json", $"folder={Uri.EscapeDataString("""{"id":1001,"type":"Folder"}""")}&name={Uri.EscapeDataString(name)}",
            "application/x-www-form-urlencoded");
        return answer.GetProperty("result")[0].GetProperty("id").GetInt64();
    }

    public MarketoConnector Connect(string identityKey = "email", TimeProvider? time = null, ICallGate? gate = null, params (string Name, string Value)[] values) =>
        (MarketoConnector)new MarketoConnectorFactory().Create(new ConnectorContext
        {
            Settings = new DestinationSettings
            {
                Name = "marketo",
                BaseUrl = _server.BaseUrl("marketo"),
                IdentityKey = identityKey,
                Values = values.ToDictionary(value => value.Name, value => value.Value),
                Secrets = Marketo.Credentials.ToDictionary(pair => pair.Key, pair => new Func<string?>(() => pair.Value)),
            },
            Transport = _transport,
            Time = time ?? TimeProvider.System,
            Loggers = NullLoggerFactory.Instance,
        })(gate ?? OpenGate.Instance);

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        _transport.Dispose();
        await _server.DisposeAsync();
    }

    private string At(string path) => _server.BaseUrl("marketo").AbsoluteUri + path;
}
