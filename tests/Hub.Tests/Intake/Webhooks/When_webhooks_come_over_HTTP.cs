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
    private WholeHub _hub = null!;

    [OneTimeSetUp]
    public async Task Start() => _hub = await WholeHub.StartAsync(database, async config =>
    {
        Directory.CreateDirectory(Path.Combine(config, "sources"));
        await File.WriteAllTextAsync(Path.Combine(config, "sources", "secret"), Secret);
        await File.WriteAllTextAsync(Path.Combine(config, "sources", "key"), "hub key");
        await File.WriteAllTextAsync(Path.Combine(config, "sources", "web.yaml"), "dialect: segment\nsignature: { scheme: segment, secret: { file: sources/secret } }\nconsent: { categories: { marketing: email_marketing }, authority: gate }\n");
        await File.WriteAllTextAsync(Path.Combine(config, "sources", "shop.yaml"), "dialect: json\nsignature: { scheme: bearer, secret: { file: sources/secret } }\nfacts:\n  - event_type: profile_updated\n    occurred_at: /at\n    event_id: /id\n    subject: { external_id: /person }\n    attributes: { first_name: /name }\n");
        await File.WriteAllTextAsync(Path.Combine(config, "sources", "census.yaml"), "dialect: census\nsignature: { scheme: bearer, secret: { file: sources/secret } }\n");
        return [$"--Hub:ApiKeyFile={Path.Combine(config, "sources", "key")}"];
    });

    [OneTimeTearDown]
    public async Task Stop() => await _hub.DisposeAsync();

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
        Assert.That((await _hub.Http.GetAsync("/v1/webhooks/web")).StatusCode, Is.EqualTo(HttpStatusCode.Unauthorized), "nothing but the call itself is open");
        Assert.That((await _hub.Http.GetAsync("/v1/quarantine")).StatusCode, Is.EqualTo(HttpStatusCode.Unauthorized));
        Assert.That(
            (await PostAsync("shop", Encoding.UTF8.GetBytes($$"""{"id":"{{Unique("x")}}","at":1735689600,"person":"p","name":"N"}"""), ("Authorization", $"Bearer {Secret}"), ("X-Forwarded-For", "203.0.113.7"), ("Host", "hub.example.com"))).Status,
            Is.EqualTo(HttpStatusCode.OK));
    }

    [Test]
    public async Task Should_not_wait_for_a_body_that_does_not_come()
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, _hub.Http.BaseAddress!.Port);
        await using var stream = client.GetStream();
        await stream.WriteAsync("POST /v1/webhooks/web HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{"u8.ToArray());
        using var patience = new CancellationTokenSource(Poll.Patience);
        using var reader = new StreamReader(stream);
        Assert.That(await reader.ReadLineAsync(patience.Token), Does.Contain("408"));
    }

    [Test]
    public async Task Should_tell_a_flood_to_come_again_and_not_that_it_is_lost()
    {
        var (isHeld, release) = (new TaskCompletionSource(), new TaskCompletionSource());
        var writer = _hub.Services.GetRequiredService<OutboxTransaction>().RunAsync(
            async (db, _) =>
            {
                if (database == StorageDatabase.Postgres)
                {
                    await db.Database.ExecuteSqlRawAsync("LOCK TABLE webhook_receipts"); // In a file one writer holds all others up anyway.
                }

                isHeld.SetResult();
                await release.Task;
                return true;
            },
            CancellationToken.None);
        await isHeld.Task;
        var calls = Enumerable.Range(0, 160).Select(async i =>
        {
            using var request = Request("web", Encoding.UTF8.GetBytes(Identify(Unique("flood"))));
            using var response = await _hub.Http.SendAsync(request);
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
            using var response = await _hub.Http.SendAsync(request, cancellationToken);
            lock (seen)
            {
                seen[response.StatusCode] = seen.GetValueOrDefault(response.StatusCode) + 1;
            }
        });
        Assert.That(seen.Keys, Is.All.Matches<HttpStatusCode>(status => (int)status < 500));
        Assert.That((seen.GetValueOrDefault(HttpStatusCode.OK), seen.GetValueOrDefault(HttpStatusCode.Unauthorized)), Is.EqualTo((seen.Values.Sum() - seen[HttpStatusCode.Unauthorized], seen[HttpStatusCode.Unauthorized])));
        await Poll.Until(async () => await CountAsync("SELECT count(*) FROM webhook_receipts WHERE state = 'waiting'") == 0, "every receipt to be done");
    }

    /// <summary>The calls of github.com/sutrolabs/census-custom-api-docs, in order, with objects of the hub.</summary>
    [Test]
    public async Task Should_be_a_custom_destination_of_Census()
    {
        Assert.That((await CensusAsync("test_connection", "{}")).GetRawText(), Is.EqualTo("""{"success":true}"""));
        Assert.That((await CensusAsync("list_objects", "{}")).GetProperty("objects").EnumerateArray().Select(known => known.GetProperty("object_api_name").GetString()), Is.EqualTo(new[] { "profile", "audience.customers" }));
        const string Object = """{"object":{"object_api_name":"audience.customers","label":"x"}}""";
        var fields = (await CensusAsync("list_fields", Object)).GetProperty("fields").EnumerateArray().ToList();
        Assert.That(fields[0].GetRawText(), Is.EqualTo("""{"field_api_name":"external_id","label":"external_id","identifier":true,"required":true,"createable":true,"updateable":true,"type":"string","array":false}"""));
        Assert.That(fields.ConvertAll(field => field.GetProperty("field_api_name").GetString()), Has.Member("first_name").And.Unique);
        Assert.That((await CensusAsync("supported_operations", Object)).GetRawText(), Is.EqualTo("""{"operations":["upsert","update","mirror"]}"""));
        Assert.That((await CensusAsync("supported_operations", Object.Replace("audience.customers", "profile", StringComparison.Ordinal))).GetRawText(), Is.EqualTo("""{"operations":["upsert","update"]}"""));
        Assert.That((await CensusAsync("get_sync_speed", "{}")).GetProperty("maximum_batch_size").GetInt32(), Is.EqualTo(250));

        var person = Unique("cs");
        var batch = Batch("upsert", $$"""[{"external_id":"{{person}}","first_name":"Ada"},{"external_id":"c-18","first_name":["a"]},{"first_name":"x"},{"external_id":"\ud800"},7]""");
        var results = (await CensusAsync("sync_batch", batch)).GetProperty("record_results").EnumerateArray().ToList();
        Assert.That(results.ConvertAll(result => result.GetProperty("success").GetBoolean()), Is.EqualTo(new[] { true, false, false, false, false }));
        Assert.That(results[0].GetRawText(), Is.EqualTo($$"""{"identifier":"{{person}}","success":true}"""));
        Assert.That((results[1].GetProperty("identifier").GetString(), results[1].GetProperty("error_message").GetString()), Is.EqualTo(("c-18", "payload.attributes.first_name must be a text, a number, true, false or null; send one attribute per value, of an object address_city in place of city in address, of a list one truth value per element")));
        Assert.That(await CountAsync($"SELECT count(*) FROM facts WHERE producer = 'census' AND body LIKE '%{person}%'"), Is.EqualTo(2), "committed before the answer");
        Assert.That(await CountAsync("SELECT count(*) FROM quarantined_facts WHERE producer = 'census'"), Is.Zero, "what fails is Census's to send again");

        await CensusAsync("sync_batch", Batch("delete", $$"""[{"external_id":"{{person}}"}]"""));
        Assert.That(await CountAsync($"SELECT count(*) FROM facts WHERE producer = 'census' AND event_type = 'audience_membership_changed' AND body LIKE '%{person}%' AND body LIKE '%false%'"), Is.EqualTo(1));
    }

    [Test]
    public async Task Should_create_nobody_by_an_update_of_Census_and_let_nobody_join()
    {
        var (member, left, stranger) = (Unique("cs"), Unique("cs"), Unique("cs"));
        await CensusAsync("sync_batch", Batch("upsert", $$"""[{"external_id":"{{member}}"},{"external_id":"{{left}}"}]"""));
        await CensusAsync("sync_batch", Batch("delete", $$"""[{"external_id":"{{left}}"}]"""));
        var records = $$"""[{"external_id":"{{member}}","city":"Bonn"},{"external_id":"{{left}}","city":"Bonn"},{"external_id":"{{stranger}}","city":"Bonn"},{"city":"Bonn"},{"external_id":"\ud800"}]""";

        var ofAudience = (await CensusAsync("sync_batch", Batch("update", records))).GetProperty("record_results").EnumerateArray().ToList();
        var ofPeople = (await CensusAsync("sync_batch", Batch("update", records).Replace("audience.customers", "profile", StringComparison.Ordinal))).GetProperty("record_results").EnumerateArray().ToList();

        Assert.That(ofAudience.ConvertAll(result => result.GetProperty("success").GetBoolean()), Is.EqualTo(new[] { true, false, false, false, false }));
        Assert.That(ofPeople.ConvertAll(result => result.GetProperty("success").GetBoolean()), Is.EqualTo(new[] { true, true, false, false, false }));
        Assert.That(ofPeople[2].GetProperty("error_message").GetString(), Does.StartWith("no_match: Nobody is known by this external_id"));
        Assert.That(await CountAsync($"SELECT count(*) FROM profiles WHERE external_id = '{stranger}'"), Is.Zero);
        Assert.That(await CountAsync($"SELECT count(*) FROM profiles WHERE external_id IN ('{member}', '{left}') AND attributes LIKE '%Bonn%'"), Is.EqualTo(2));
        Assert.That(await CountAsync($"SELECT count(*) FROM memberships m JOIN profiles p ON p.profile_id = m.profile_id WHERE p.external_id = '{left}' AND m.is_member"), Is.Zero);
    }

    [TestCase("sync_batch", """{"sync_plan":{"object":{"object_api_name":"profile"},"operation":"delete"},"records":[]}""", -32602)]
    [TestCase("sync_batch", """{"sync_plan":{"object":{"object_api_name":"audience.customers"},"operation":"mirror"},"records":[]}""", -32602)]
    [TestCase("sync_batch", """{"sync_plan":{"object":{"object_api_name":"audience.customers"},"operation":"upsert"}}""", -32602)]
    [TestCase("list_fields", """{"object":{"object_api_name":"audience.nobody"}}""", -32602)]
    [TestCase("list_fields", "[]", -32602)]
    [TestCase("drop_tables", "{}", -32601)]
    public async Task Should_tell_Census_what_it_cannot_do(string method, string parameters, int code)
    {
        var answer = await RpcAsync($$"""{"jsonrpc":"2.0","method":"{{method}}","params":{{parameters}},"id":7}""");
        Assert.That((answer.GetProperty("error").GetProperty("code").GetInt32(), answer.GetProperty("id").GetInt32()), Is.EqualTo((code, 7)), answer.ToString());
    }

    [TestCase("{", -32700)]
    [TestCase("""{"\ud800":1}""", -32700)]
    [TestCase("[]", -32600)]
    [TestCase("""{"id":"\ud800","method":"\ud800"}""", -32601)]
    public async Task Should_tell_Census_what_is_no_call(string body, int code)
    {
        var answer = await RpcAsync(body);
        Assert.That((answer.GetProperty("error").GetProperty("code").GetInt32(), answer.GetProperty("id").ValueKind), Is.EqualTo((code, JsonValueKind.Null)), answer.ToString());
    }

    [Test]
    public async Task Should_take_the_secret_of_Census_from_the_address_too_and_no_other()
    {
        Assert.That((await PostAsync($"/v1/sources/census/census?census_authentication={Uri.EscapeDataString(Secret)}", "{}"u8.ToArray(), ("X-None", "1"))).Status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That((await PostAsync("/v1/sources/census/census?census_authentication=x", "{}"u8.ToArray(), ("X-None", "1"))).Status, Is.EqualTo(HttpStatusCode.Unauthorized));
        Assert.That((await PostAsync($"/v1/webhooks/shop?census_authentication={Uri.EscapeDataString(Secret)}", "{}"u8.ToArray(), ("X-None", "1"))).Status, Is.EqualTo(HttpStatusCode.Unauthorized), "of Census only");
        Assert.That((await PostAsync("/v1/sources/shop/census", "{}"u8.ToArray(), ("Authorization", $"Bearer {Secret}"))).Status, Is.EqualTo(HttpStatusCode.NotFound));
        Assert.That((await PostAsync("census", "{}"u8.ToArray(), ("Authorization", $"Bearer {Secret}"))).Status, Is.EqualTo(HttpStatusCode.NotFound));
    }

    [Test]
    public async Task Should_answer_each_change_of_an_audience()
    {
        var person = Unique("ch");
        var lines = $$"""
            {"op":"add","external_id":"{{person}}","id":"1","attributes":{"first_name":"Ada"} }

            {"op":"join","external_id":"{{person}}"}
            {"op":"remove","email":"nobody@example.com"}
            {"op":"remove","external_id":"{{person}}","id":"2"}
            """;
        var (status, answers) = await ChangeAsync("customers", lines);
        Assert.That((status, string.Join(',', answers.Select(answer => $"{answer.GetProperty("line")} {answer.GetProperty("status")}"))), Is.EqualTo((HttpStatusCode.Accepted, "1 accepted,2 quarantined,3 quarantined,4 accepted")));
        Assert.That((answers[1].GetProperty("path").GetString(), answers[1].GetProperty("code").GetString(), answers[2].GetProperty("path").GetString()), Is.EqualTo(("op", "operation_unknown", "subject.external_id")));
        Assert.That(await CountAsync($"SELECT count(*) FROM facts WHERE producer = 'hightouch' AND body LIKE '%{person}%'"), Is.EqualTo(3), "committed before the answer");
        (_, answers) = await ChangeAsync("customers", lines);
        Assert.That(answers.Select(answer => answer.GetProperty("status").GetString()), Is.EqualTo(new[] { "duplicate", "quarantined", "quarantined", "duplicate" }));
        Assert.That((await ChangeAsync("customer", lines)).Status, Is.EqualTo(HttpStatusCode.NotFound));
        Assert.That((await ChangeAsync("customers", "\n")).Status, Is.EqualTo(HttpStatusCode.BadRequest));
    }

    private async Task<(HttpStatusCode Status, List<JsonElement> Lines)> ChangeAsync(string audience, string lines)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/v1/audiences/{audience}/changes?source=hightouch") { Content = new StringContent(lines, Encoding.UTF8, "application/x-ndjson") };
        request.Headers.TryAddWithoutValidation("Authorization", "Bearer hub key");
        using var response = await _hub.Http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        return (response.StatusCode, response.IsSuccessStatusCode ? [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonElement.Parse(line))] : []);
    }

    private async Task<JsonElement> CensusAsync(string method, string parameters) =>
        (await RpcAsync($$"""{"jsonrpc":"2.0","method":"{{method}}","params":{{parameters}},"id":"d33ded2672b7877ff833c317892d748c"}""")).GetProperty("result");

    private async Task<JsonElement> RpcAsync(string call)
    {
        var (status, answer) = await PostAsync("/v1/sources/census/census", Encoding.UTF8.GetBytes(call), ("Authorization", $"Bearer {Secret}"));
        Assert.That(status, Is.EqualTo(HttpStatusCode.OK), answer.ToString());
        return answer;
    }

    private static string Batch(string operation, string records) =>
        $$$"""{"sync_plan":{"object":{"object_api_name":"audience.customers","label":"x"},"operation":"{{{operation}}}","schema":{"external_id":{"active_identifier":true,"field":{"field_api_name":"external_id"} },"first_name":{"active_identifier":false} } },"records":{{{records}}} }""";

    private async Task<(HttpStatusCode Status, JsonElement Body)> SegmentAsync(string body)
    {
        using var request = Request("web", Encoding.UTF8.GetBytes(body));
        using var response = await _hub.Http.SendAsync(request);
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
        using var response = await _hub.Http.SendAsync(request);
        return (response.StatusCode, JsonSerializer.Deserialize<JsonElement>(await response.Content.ReadAsStringAsync()));
    }

    /// <summary>A call as Segment makes it, signed unless headers say otherwise.</summary>
    private static HttpRequestMessage Request(string source, byte[] body, params (string Name, string Value)[] headers)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, source[0] == '/' ? source : $"/v1/webhooks/{source}") { Content = new ByteArrayContent(body) };
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
        _hub.Services.GetRequiredService<OutboxTransaction>().ReadAsync(db => db.Database.SqlQueryRaw<long>(sql.Replace("count(*)", "count(*) AS \"Value\"", StringComparison.Ordinal)).SingleAsync());

    private static string Identify(string person) =>
        $$$"""{"type":"identify","messageId":"{{{Unique("m")}}}","userId":"{{{person}}}","traits":{"firstName":"Dana"},"timestamp":"2026-01-02T03:04:05Z"}""";

    private static string Unique(string stem) => $"{stem}-{Guid.NewGuid():N}";
}
