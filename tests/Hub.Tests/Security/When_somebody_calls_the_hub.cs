using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using IntegrationHub.Hub.Security;
using IntegrationHub.Hub.Security.Oidc;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace IntegrationHub.Hub.Tests.Security;

/// <summary>The gate over real HTTP, with and without an API key.</summary>
[NonParallelizable]
public sealed class When_somebody_calls_the_hub
{
    private const string Key = "a-long-secret";
    private static readonly string[] _routes = ["GET /healthz/live", "GET /openapi/v1.json", "GET /v1/runs", "POST /v1/runs/1/approve", "GET /nowhere"];
    private WebApplication _open = null!;
    private WebApplication _keyed = null!;
    private string _keyFile = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        Assume.That(Environment.GetEnvironmentVariable(ApiKey.Variable), Is.Null.Or.Empty);
        _keyFile = Path.GetTempFileName();
        await File.WriteAllTextAsync(_keyFile, Key);
        _open = await StartAsync(null);
        _keyed = await StartAsync(_keyFile);
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        await _open.DisposeAsync();
        await _keyed.DisposeAsync();
        File.Delete(_keyFile);
    }

    [TestCaseSource(nameof(_routes))]
    public async Task Should_let_programs_on_this_machine_in_without_a_key(string route)
    {
        foreach (var host in new[] { null, "localhost", "127.0.0.1:8080", "127.8.8.8", "[::1]:9", "LOCALHOST", "hub.internal" })
        {
            Assert.That((await AskAsync(_open, route, host)).Status, Is.EqualTo(route.EndsWith("nowhere", StringComparison.Ordinal) ? 404 : 200), host);
        }
    }

    [TestCaseSource(nameof(_routes))]
    public async Task Should_refuse_a_foreign_name_that_resolves_to_this_machine(string route)
    {
        foreach (var host in new[] { "evil.example", "localhost.evil.example", "10.0.0.1", "127.0.0.1.nip.io:8080", "169.254.169.254" })
        {
            ShouldRefuse(await AskAsync(_open, route, host), "host-foreign", "HUB_API_KEY", host);
        }
    }

    [TestCaseSource(nameof(_routes))]
    public async Task Should_refuse_a_page_of_another_site(string route)
    {
        foreach (var (header, value) in new[]
        {
            ("Origin", "https://evil.example"), ("Origin", "null"), ("Origin", "http://localhost:1"), ("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Site", "same-site"),
        })
        {
            ShouldRefuse(await AskAsync(_open, route, null, (header, value)), "cross-site", "of another site", value);
        }
    }

    [TestCaseSource(nameof(_routes))]
    public async Task Should_refuse_what_comes_through_a_proxy(string route)
    {
        foreach (var header in new[] { "Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "x-forwarded-prefix", "X-Real-IP", "Via", "CF-Connecting-IP" })
        {
            ShouldRefuse(await AskAsync(_open, route, null, (header, "10.1.2.3")), "forwarded", "HUB_API_KEY", header);
        }
    }

    [Test]
    public async Task Should_let_the_hubs_own_pages_call()
    {
        var own = _open.Urls.First();
        Assert.That((await AskAsync(_open, "POST /v1/runs/1/approve", null, ("Origin", own), ("Sec-Fetch-Site", "same-origin"))).Status, Is.EqualTo(200));
        Assert.That((await AskAsync(_open, "GET /v1/runs", null, ("Sec-Fetch-Site", "none"))).Status, Is.EqualTo(200), "typed into the address bar");
    }

    [Test]
    public async Task Should_refuse_a_call_without_a_host()
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, new Uri(_open.Urls.First()).Port);
        await using var stream = client.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes("GET /v1/runs HTTP/1.0\r\n\r\n"));
        using var reader = new StreamReader(stream);
        Assert.That(await reader.ReadLineAsync(), Does.Contain("403"));
    }

    [Test]
    public async Task Should_ask_for_the_key_where_there_is_one()
    {
        Assert.Multiple(async () =>
        {
            Assert.That((await AskAsync(_keyed, "GET /v1/runs", null)).Status, Is.EqualTo(401));
            Assert.That((await AskAsync(_keyed, "GET /v1/runs", null, ("Authorization", $"Bearer {Key}x"))).Status, Is.EqualTo(401));
            Assert.That((await AskAsync(_keyed, "GET /v1/runs", null, ("Authorization", $"Basic {Key}"))).Status, Is.EqualTo(401));
            Assert.That((await AskAsync(_keyed, "GET /v1/runs", "hub.example", ("Authorization", $"Bearer {Key}"), ("X-Forwarded-For", "10.1.2.3"))).Status, Is.EqualTo(200));
            Assert.That((await AskAsync(_keyed, "GET /healthz/live", "10.0.0.1")).Status, Is.EqualTo(200), "whoever watches the process has no key");
        });
    }

    [TestCase("Origin", "https://evil.example")]
    [TestCase("Sec-Fetch-Site", "cross-site")]
    public async Task Should_refuse_changes_by_a_page_of_another_site_even_with_the_key(string header, string value)
    {
        var authorization = ("Authorization", $"Bearer {Key}");
        ShouldRefuse(await AskAsync(_keyed, "POST /v1/runs/1/approve", null, authorization, (header, value)), "cross-site", "of another site", value);
        Assert.That((await AskAsync(_keyed, "GET /v1/runs", null, authorization, (header, value))).Status, Is.EqualTo(200));
        Assert.That((await AskAsync(_keyed, "POST /v1/runs/1/approve", "hub.example", authorization, ("Origin", "https://hub.example"))).Status, Is.EqualTo(200), "its own page behind TLS");
    }

    private static async Task<WebApplication> StartAsync(string? keyFile)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddProblemDetails();
        builder.Services.AddSingleton(new ApiKey(keyFile)).AddSingleton(new LocalCalls("http://localhost:8080;http://*:9090;http://hub.internal:9090"));
        builder.Services.AddSingleton(TimeProvider.System).AddSingleton<IntegrationHub.Hub.Messaging.OutboxTransaction>().AddSingleton<KeyRing>().AddSingleton<CallLimits>().AddProvider(new OidcOptions());
        var web = builder.Build();
        web.UseMiddleware<ApiKeyGate>();
        foreach (var path in new[] { "/healthz/live", "/openapi/v1.json", "/v1/runs" })
        {
            web.MapGet(path, () => "here");
        }

        web.MapPost("/v1/runs/1/approve", () => "done");
        await web.StartAsync();
        return web;
    }

    private static async Task<(int Status, JsonElement Problem)> AskAsync(WebApplication web, string route, string? host, params (string Name, string Value)[] headers)
    {
        using var http = new HttpClient { BaseAddress = new Uri(web.Urls.First()) };
        using var request = new HttpRequestMessage(new HttpMethod(route.Split(' ')[0]), route.Split(' ')[1]);
        request.Headers.Host = host;
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        using var answer = await http.SendAsync(request);
        var isProblem = answer.Content.Headers.ContentType?.MediaType == "application/problem+json";
        return ((int)answer.StatusCode, isProblem ? await answer.Content.ReadFromJsonAsync<JsonElement>() : default);
    }

    private static void ShouldRefuse((int Status, JsonElement Problem) answer, string type, string advice, string situation)
    {
        Assert.That(answer.Status, Is.EqualTo(403), situation);
        Assert.That(answer.Problem.GetProperty("type").GetString(), Is.EqualTo($"urn:integrationhub:problem:{type}"), situation);
        Assert.That(answer.Problem.GetProperty("detail").GetString(), Does.Contain(advice), situation);
    }
}
