using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Intake.Webhooks;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Security;
using IntegrationHub.Storage;
using IntegrationHub.TestServers;
using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace IntegrationHub.Hub.Tests.Intake.Webhooks;

/// <summary>A whole hub with an API key: senders have none, prove every call, and find it kept before they are answered.</summary>
[TestFixture(StorageDatabase.Postgres)]
[TestFixture(StorageDatabase.Sqlite)]
[NonParallelizable]
public sealed class When_webhooks_come_over_HTTP(StorageDatabase database)
{
    private const string Secret = "a shared secret";
    private PostgresDatabase? _postgres;
    private DirectoryInfo _folder = null!;
    private HubApplication _hub = null!;
    private HttpClient _http = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _postgres = database == StorageDatabase.Postgres ? await PostgresDatabase.CreateAsync() : null;
        _folder = Directory.CreateTempSubdirectory("hub-webhooks-");
        var config = Path.Combine(_folder.FullName, "config");
        foreach (var file in Directory.EnumerateFiles(ConfigurationLoader.SampleFolder, "*.yaml", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(config, Path.GetRelativePath(ConfigurationLoader.SampleFolder, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }

        Directory.CreateDirectory(Path.Combine(config, "sources"));
        await File.WriteAllTextAsync(Path.Combine(config, "sources", "secret"), Secret);
        await File.WriteAllTextAsync(Path.Combine(config, "sources", "key"), "hub key");
        await File.WriteAllTextAsync(Path.Combine(config, "sources", "web.yaml"), "dialect: segment\nsignature: { scheme: segment, secret: { file: sources/secret } }\nconsent: { categories: { marketing: email_marketing }, authority: gate }\n");
        await File.WriteAllTextAsync(Path.Combine(config, "sources", "shop.yaml"), "dialect: json\nsignature: { scheme: bearer, secret: { file: sources/secret } }\nfacts:\n  - event_type: profile_updated\n    occurred_at: /at\n    event_id: /id\n    subject: { external_id: /person }\n    attributes: { first_name: /name }\n");
        _hub = await HubApplication.BuildAsync(
            [
                $"--Hub:Database={database}", .. _postgres is null ? Array.Empty<string>() : [$"--Hub:ConnectionString={_postgres.ConnectionString}"],
                "--Hub:Urls=http://127.0.0.1:0", $"--Hub:DataPath={_folder.FullName}", $"--Hub:ConfigPath={config}", $"--Hub:ApiKeyFile={Path.Combine(config, "sources", "key")}", "--Hub:LogLevel=Error", "--Hub:Delivery:Quotas=false",
            ],
            null,
            CancellationToken.None);
        await _hub.StartAsync(CancellationToken.None);
        _http = new HttpClient { BaseAddress = new Uri(_hub.Web.Urls.Single()) };
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        _http.Dispose();
        await _hub.DisposeAsync();
        LogContext.Current = null;
        if (_postgres is not null)
        {
            await _postgres.DisposeAsync();
        }

        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        _folder.Delete(recursive: true);
    }

    [Test]
    public async Task Should_keep_a_call_and_turn_it_into_facts_once()
    {
        var person = Unique("p");
        var call = Identify(person);
        var (status, first) = await SegmentAsync(call);
        Assert.That((status, first.GetProperty("status").GetString()), Is.EqualTo((HttpStatusCode.OK, "kept")), first.ToString());
        await FactsAsync(person, 1);

        var (again, second) = await SegmentAsync(call);
        Assert.That((again, second.GetProperty("status").GetString(), second.GetProperty("receipt_id").GetGuid()), Is.EqualTo((HttpStatusCode.OK, "repeated", first.GetProperty("receipt_id").GetGuid())));

        await SegmentAsync(call.Replace("\"timestamp\"", "\"sentAt\":\"2026-01-03T00:00:00Z\",\"timestamp\"", StringComparison.Ordinal)); // the same message, composed anew
        await Poll.Until(async () => await CountAsync("SELECT count(*) FROM webhook_receipts WHERE state = 'waiting'") == 0, "every receipt to be done");
        Assert.That(await CountAsync($"SELECT count(*) FROM facts WHERE producer = 'web' AND body LIKE '%{person}%'"), Is.EqualTo(1));
    }

    [Test]
    public async Task Should_set_aside_what_is_no_fact()
    {
        var before = await CountAsync("SELECT count(*) FROM quarantined_facts");
        await SegmentAsync($"{{\"type\":\"teleport\",\"messageId\":\"{Unique("m")}\"}}");
        await SegmentAsync($"no json {Unique("m")}");
        await SegmentAsync($$"""{"type":"delete","userId":"{{Unique("gone")}}","timestamp":"2026-01-02T03:04:05Z"}""");
        await Poll.Until(async () => await CountAsync("SELECT count(*) FROM quarantined_facts") - before >= 2, "all of them to be set aside");
        Assert.That(await CountAsync("SELECT count(*) FROM quarantined_facts WHERE code = 'call_unknown'"), Is.GreaterThan(0));
        Assert.That(await CountAsync("SELECT count(*) FROM quarantined_facts WHERE code = 'json_malformed'"), Is.GreaterThan(0));
    }

    [Test]
    public async Task Should_answer_what_the_sender_can_use()
    {
        Assert.That((await PostAsync("nobody", "{}"u8.ToArray())).Status, Is.EqualTo(HttpStatusCode.NotFound));
        Assert.That(await TypeAsync("web", "{}"u8.ToArray()), Is.EqualTo((401, "signature-missing")));
        Assert.That(await TypeAsync("web", "{}"u8.ToArray(), ("X-Signature", "00")), Is.EqualTo((401, "signature-wrong")));
        Assert.That(await TypeAsync("shop", "{}"u8.ToArray(), ("Authorization", "Bearer hub key")), Is.EqualTo((401, "signature-wrong")), "the hub's own key proves no source");
        Assert.That(await TypeAsync("shop", new byte[WebhookDoor.MaxBytes + 1], ("Authorization", $"Bearer {Secret}")), Is.EqualTo((413, "body-too-large")));
        Assert.That(await TypeAsync("shop", "{}"u8.ToArray(), ("Authorization", $"Bearer {Secret}"), ("Content-Encoding", "gzip")), Is.EqualTo((415, "content-encoding-unknown")));
        Assert.That((await _http.GetAsync("/v1/webhooks/web")).StatusCode, Is.EqualTo(HttpStatusCode.Unauthorized), "nothing but the call itself is open");
        Assert.That((await _http.GetAsync("/v1/quarantine")).StatusCode, Is.EqualTo(HttpStatusCode.Unauthorized));
        Assert.That(
            (await PostAsync("shop", Encoding.UTF8.GetBytes($$"""{"id":"{{Unique("x")}}","at":1735689600,"person":"p","name":"N"}"""), ("Authorization", $"Bearer {Secret}"), ("X-Forwarded-For", "203.0.113.7"), ("Host", "hub.example.com"))).Status,
            Is.EqualTo(HttpStatusCode.OK));
    }

    [Test]
    public async Task Should_not_wait_for_a_body_that_does_not_come()
    {
        Assume.That(database, Is.EqualTo(StorageDatabase.Sqlite), "no database is asked, and it takes the five seconds that senders take");
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, _http.BaseAddress!.Port);
        await using var stream = client.GetStream();
        await stream.WriteAsync("POST /v1/webhooks/web HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"u8.ToArray());
        using var patience = new CancellationTokenSource(Poll.Patience);
        using var reader = new StreamReader(stream);
        Assert.That(await reader.ReadLineAsync(patience.Token), Does.Contain("408"));
    }

    [Test]
    public async Task Should_tell_a_flood_to_come_again_and_not_that_it_is_lost()
    {
        Assume.That(database, Is.EqualTo(StorageDatabase.Sqlite), "one writer holds all others up there");
        var (isHeld, release) = (new TaskCompletionSource(), new TaskCompletionSource());
        var writer = _hub.Web.Services.GetRequiredService<OutboxTransaction>().RunAsync(
            async (_, _) =>
            {
                isHeld.SetResult();
                await release.Task;
                return true;
            },
            CancellationToken.None);
        await isHeld.Task;
        var calls = Enumerable.Range(0, 160).Select(async i =>
        {
            using var request = Request("web", Encoding.UTF8.GetBytes(Identify(Unique("flood"))));
            using var response = await _http.SendAsync(request);
            return (response.StatusCode, Wait: response.Headers.RetryAfter?.Delta?.TotalSeconds);
        }).ToList();
        var refused = await Poll.For(() => Task.FromResult(calls.Where(call => call.IsCompletedSuccessfully).Select(call => call.Result).ToList()), done => done.Count == 160 - 16 - 128);
        release.SetResult();
        await writer;
        await Task.WhenAll(calls);
        Assert.That(refused, Is.All.Matches<(HttpStatusCode Status, double? Wait)>(answer => answer is { Status: HttpStatusCode.ServiceUnavailable, Wait: > 0 }));
    }

    /// <summary>Whatever bytes come and however they are signed: an answer below 500, and whatever was kept is a fact, set aside, or counted.</summary>
    [Test]
    public async Task Should_never_fail_for_what_a_call_holds()
    {
        var random = new Random(20261127);
        var good = Encoding.UTF8.GetBytes($"[{Identify(Unique("fuzz"))},{{\"type\":\"track\",\"event\":\"Order Completed\",\"userId\":\"u\",\"messageId\":\"m\",\"properties\":{{\"products\":[{{\"product_id\":\"1\",\"price\":2,\"quantity\":1}}]}}}}]");
        var seen = new Dictionary<HttpStatusCode, int>();
        await Parallel.ForEachAsync(Enumerable.Range(0, 1_500).Select(_ => random.Next()), new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (seed, cancellationToken) =>
        {
            var chance = new Random(seed);
            var body = good.ToArray();
            for (var hits = chance.Next(1, 6); hits > 0; hits--)
            {
                body[chance.Next(body.Length)] = (byte)chance.Next(256);
            }

            body = body[..chance.Next(body.Length / 2, body.Length + 1)];
            using var request = chance.Next(3) switch
            {
                0 => Request("web", body, ("X-Signature", Convert.ToHexString(body.AsSpan(0, 20)))),
                1 => Request("shop", body, ("Authorization", $"Bearer {Secret}")),
                _ => Request("web", body),
            };
            using var response = await _http.SendAsync(request, cancellationToken);
            lock (seen)
            {
                seen[response.StatusCode] = seen.GetValueOrDefault(response.StatusCode) + 1;
            }
        });
        Assert.That(seen.Keys, Is.All.Matches<HttpStatusCode>(status => (int)status < 500));
        Assert.That((seen.GetValueOrDefault(HttpStatusCode.OK), seen.GetValueOrDefault(HttpStatusCode.Unauthorized)), Is.EqualTo((seen.Values.Sum() - seen[HttpStatusCode.Unauthorized], seen[HttpStatusCode.Unauthorized])));
        await Poll.Until(async () => await CountAsync("SELECT count(*) FROM webhook_receipts WHERE state = 'waiting'") == 0, "every receipt to be done");
    }

    private async Task<(HttpStatusCode Status, JsonElement Body)> SegmentAsync(string body)
    {
        using var request = Request("web", Encoding.UTF8.GetBytes(body));
        using var response = await _http.SendAsync(request);
        return (response.StatusCode, JsonSerializer.Deserialize<JsonElement>(await response.Content.ReadAsStringAsync()));
    }

    private async Task<(int Status, string Type)> TypeAsync(string source, byte[] body, params (string, string)[] headers)
    {
        var (status, problem) = await PostAsync(source, body, headers.Length == 0 ? [("X-None", "1")] : headers);
        return ((int)status, problem.GetProperty("type").GetString()!.Split(':')[^1]);
    }

    private async Task<(HttpStatusCode Status, JsonElement Body)> PostAsync(string source, byte[] body, params (string, string)[] headers)
    {
        using var request = Request(source, body, headers);
        using var response = await _http.SendAsync(request);
        return (response.StatusCode, JsonSerializer.Deserialize<JsonElement>(await response.Content.ReadAsStringAsync()));
    }

    /// <summary>A call as Segment makes it, signed unless headers say otherwise.</summary>
    private static HttpRequestMessage Request(string source, byte[] body, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, $"/v1/webhooks/{source}") { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = MediaTypeHeaderValue.Parse("application/json");
#pragma warning disable CA5350 // Segment signs so
        foreach (var (name, value) in headers.Length > 0 ? headers : [("X-Signature", Convert.ToHexStringLower(HMACSHA1.HashData(Encoding.UTF8.GetBytes(Secret), First(body))))])
#pragma warning restore CA5350
        {
            if (!request.Headers.TryAddWithoutValidation(name, value))
            {
                request.Content.Headers.TryAddWithoutValidation(name, value);
            }
        }

        return request;
    }

    /// <summary>Of a batch Segment signs the first.</summary>
    private static byte[] First(byte[] body)
    {
        try
        {
            using var json = JsonDocument.Parse(body);
            return json.RootElement.ValueKind == JsonValueKind.Array ? Encoding.UTF8.GetBytes(json.RootElement[0].GetRawText()) : body;
        }
        catch (JsonException)
        {
            return body;
        }
    }

    private Task FactsAsync(string person, int facts) =>
        Poll.Until(async () => await CountAsync($"SELECT count(*) FROM facts WHERE producer = 'web' AND body LIKE '%{person}%'") == facts, "the facts to be taken in");

    private Task<long> CountAsync(string sql) =>
        _hub.Web.Services.GetRequiredService<OutboxTransaction>().ReadAsync(db => db.Database.SqlQueryRaw<long>(sql.Replace("count(*)", "count(*) AS \"Value\"", StringComparison.Ordinal)).SingleAsync());

    private static string Identify(string person) =>
        $$$"""{"type":"identify","messageId":"{{{Unique("m")}}}","userId":"{{{person}}}","traits":{"firstName":"Dana"},"timestamp":"2026-01-02T03:04:05Z"}""";

    private static string Unique(string stem) => $"{stem}-{Guid.NewGuid():N}";
}
