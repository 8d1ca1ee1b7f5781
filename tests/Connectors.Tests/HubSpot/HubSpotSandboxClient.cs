using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using IntegrationHub.Connectors.Sandbox;
using IntegrationHub.Connectors.Sandbox.HubSpot;

namespace Connectors.Tests.HubSpot;

/// <summary>A sandbox of its own, called as HubSpot's documentation says.</summary>
internal sealed class HubSpotSandboxClient : IAsyncDisposable
{
    public const string Upsert = "crm/v3/objects/contacts/batch/upsert";
    public const string Read = "crm/v3/objects/contacts/batch/read";
    public const string Lists = "crm/v3/lists";

    private readonly SandboxServer _server;
    private readonly HttpClient _http = new();

    private HubSpotSandboxClient(SandboxServer server)
    {
        _server = server;
        Token = HubSpot.Credentials["access_token"];
    }

    public HubSpotSandbox HubSpot => (HubSpotSandbox)Room.Vendor;

    public VendorRoom Room => _server["hubspot"];

    public Uri BaseUrl => _server.BaseUrl("hubspot");

    public string Token { get; set; }

    public static async Task<HubSpotSandboxClient> StartAsync(SandboxOptions? options = null)
        => new(await SandboxServer.StartAsync(options ?? new SandboxOptions { Quotas = false }, CancellationToken.None));

    public async Task<SandboxAnswer> CallAsync(string method, string path, string? body = null)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), new Uri($"{_server.BaseUrl("hubspot").AbsoluteUri}/{path}"));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", Token);
        if (body is not null)
        {
            request.Content = new StringContent(body, Encoding.UTF8, "application/json");
        }

        using var response = await _http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        return new SandboxAnswer((int)response.StatusCode, text.Length == 0 ? null : JsonNode.Parse(text),
            response.Headers.ToDictionary(static header => header.Key, static header => string.Join(',', header.Value), StringComparer.OrdinalIgnoreCase));
    }

    public Task<SandboxAnswer> UpsertAsync(params string[] inputs) => CallAsync("POST", Upsert, $$"""{"inputs":[{{string.Join(',', inputs)}}]}""");

    /// <summary>Upserts contacts by external id and returns their record ids in the order asked.</summary>
    public async Task<string[]> CreateAsync(params string[] externalIds)
    {
        var ids = new Dictionary<string, string>();
        foreach (var chunk in externalIds.Chunk(100))
        {
            var answer = await UpsertAsync([.. chunk.Select(static id => Input(id, $$"""{"firstname":"F"}"""))]);
            Assert.That(answer.Status, Is.EqualTo(200), $"{answer.Body}");
            foreach (var row in answer.Rows)
            {
                ids.Add((string)row["objectWriteTraceId"]!, (string)row["id"]!);
            }
        }

        return [.. externalIds.Select(id => ids[$"t-{id}"])];
    }

    public async Task<string> CreateListAsync(string name = "Spring", string type = "MANUAL")
    {
        var answer = await CallAsync("POST", Lists, $$"""{"name":{{JsonSerializer.Serialize(name)}},"objectTypeId":"0-1","processingType":"{{type}}"}""");
        Assert.That(answer.Status, Is.EqualTo(200), $"{answer.Body}");
        return (string)answer.Body!["list"]!["listId"]!;
    }

    public async Task<JsonNode> PropertiesAsync(string recordId, params string[] names)
    {
        var answer = await CallAsync("POST", Read, $$"""{"properties":{{JsonSerializer.Serialize(names)}},"inputs":[{"id":"{{recordId}}"}]}""");
        Assert.That(answer.Status, Is.EqualTo(200), $"{answer.Body}");
        return answer.Rows.Single()["properties"]!;
    }

    public static string Input(string externalId, string properties, bool traced = true)
        => Input("hub_external_id", externalId, properties, traced ? $"t-{externalId}" : null);

    public static string Input(string idProperty, string id, string properties, string? trace)
        => $$"""{"idProperty":"{{idProperty}}","id":"{{id}}","properties":{{properties}}{{(trace is null ? "" : $",\"objectWriteTraceId\":\"{trace}\"")}}}""";

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _server.DisposeAsync();
    }
}

internal sealed record SandboxAnswer(int Status, JsonNode? Body, IReadOnlyDictionary<string, string> Headers)
{
    public string? Category => (string?)Body?["category"];

    public IEnumerable<JsonNode> Rows => Body!["results"]!.AsArray()!;

    public IEnumerable<JsonNode> Errors => Body!["errors"]!.AsArray()!;

    public JsonNode Row(string trace) => Rows.Single(row => (string?)row["objectWriteTraceId"] == trace);

    public string[] Ids(string name) => [.. Body![name]!.AsArray().Select(static id => (string)id!)];
}
