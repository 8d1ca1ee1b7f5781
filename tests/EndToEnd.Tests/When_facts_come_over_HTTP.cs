using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Storage;
using IntegrationHub.TestServers;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace EndToEnd.Tests;

/// <summary>Facts, and lists of who wants to be left alone, over real HTTP: an answer for each, after the commit, and never a 5xx for what a body holds.</summary>
[TestFixture]
public sealed class When_facts_come_over_HTTP
{
    private const string Header = "CustomerKey,Prefix,FirstName,LastName,BirthDate,MaritalStatus,Gender,EmailAddress,AnnualIncome,TotalChildren,EducationLevel,Occupation,HomeOwner";
    private DirectoryInfo _config = null!;
    private EmbeddedHub _hub = null!;
    private HttpClient _http = null!;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _config = Directory.CreateTempSubdirectory("hub-config-");
        foreach (var file in Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "Samples", "config"), "*.yaml", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(_config.FullName, Path.GetRelativePath(Path.Combine(AppContext.BaseDirectory, "Samples", "config"), file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            var text = await File.ReadAllTextAsync(file);
            await File.WriteAllTextAsync(copy, file.EndsWith("customers.yaml", StringComparison.Ordinal) ? text.Replace("  Prefix: prefix\n", "  Prefix: consent.email_marketing\n", StringComparison.Ordinal) : text.Replace("prefix", "first_name", StringComparison.Ordinal));
        }

        _hub = await EmbeddedHub.StartAsync(null, $"--Hub:ConfigPath={_config.FullName}", "--Hub:LogLevel=Error");
        _http = new HttpClient { BaseAddress = _hub.Address };
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        _http.Dispose();
        await _hub.DisposeAsync();
        _config.Delete(recursive: true);
    }

    [Test]
    public async Task Should_answer_for_each_fact_of_a_call()
    {
        var (id, other) = (Guid.NewGuid(), Guid.NewGuid());
        var (status, body) = await SendAsync($"[{Profile(id, "http-1")},{{\"x\":1}},{Profile(id, "http-1")},{Profile(other, "http-2")}]");

        Assert.That(status, Is.EqualTo(HttpStatusCode.Accepted), body.ToString());
        Assert.That(body.GetProperty("results").EnumerateArray().Select(result => result.GetProperty("status").GetString()), Is.EqualTo(new[] { "accepted", "quarantined", "duplicate", "accepted" }));
        Assert.That(body.GetProperty("results")[1].GetProperty("path").GetString(), Is.EqualTo("event_id"));
        Assert.That(await CountAsync("SELECT count(*) FROM profiles WHERE external_id LIKE 'http-%'"), Is.EqualTo(2), "committed before the answer");

        (_, body) = await SendAsync(Profile(id, "http-1"));
        Assert.That(body.GetProperty("duplicates").GetInt32(), Is.EqualTo(1));
    }

    [TestCase("application/x-ndjson", null, "{0}\n\n{1}\n")]
    [TestCase("application/x-ndjson", "gzip", "{0}\r\n{1}")]
    [TestCase("application/json; charset=utf-8", null, " [ {0} , {1} ] ")]
    [TestCase("application/cloudevents-batch+json", "br", "[{2}]")]
    [TestCase("application/cloudevents+json", null, "{2}")]
    public async Task Should_take_in_whatever_dress(string mediaType, string? packing, string body)
    {
        var ids = new[] { Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid() };
        var text = body.Replace("{0}", Profile(ids[0], "dress"), StringComparison.Ordinal).Replace("{1}", Profile(ids[1], "dress"), StringComparison.Ordinal).Replace("{2}", CloudEvent(ids[2]), StringComparison.Ordinal);

        var (status, answer) = await SendAsync(text, mediaType, packing);

        Assert.That(status, Is.EqualTo(HttpStatusCode.Accepted), answer.ToString());
        Assert.That(answer.GetProperty("accepted").GetInt32(), Is.EqualTo(body.Contains("{1}", StringComparison.Ordinal) ? 2 : 1), answer.ToString());
    }

    [Test]
    public async Task Should_take_in_a_cloud_event_whose_attributes_are_headers()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/events")
        {
            Content = new StringContent("""{"subject":{"external_id":"binary"},"payload":{"attributes":{}}}""", Encoding.UTF8, "application/json"),
        };
        foreach (var (name, value) in new[] { ("ce-specversion", "1.0"), ("ce-id", "Euro%20%E2%82%AC"), ("CE-Source", "/shop"), ("ce-type", "integrationhub.profile_updated.v1"), ("ce-time", "2026-01-02T03:04:05Z") })
        {
            request.Headers.Add(name, value);
        }

        using var response = await _http.SendAsync(request);

        Assert.That(await response.Content.ReadAsStringAsync(), Does.Contain("\"accepted\":1"));
    }

    [TestCase("", "application/json", null, 400, "body-malformed")]
    [TestCase("[]", "application/json", null, 400, "body-empty")]
    [TestCase("\n", "application/x-ndjson", null, 400, "body-empty")]
    [TestCase("{", "application/json", null, 400, "body-malformed")]
    [TestCase("{}", "text/html", null, 415, "content-type-unknown")]
    [TestCase("{}", "application/json", "zstd", 415, "content-encoding-unknown")]
    [TestCase("not packed", "application/json", "gzip-not", 400, "body-malformed")]
    public async Task Should_say_what_is_wrong_with_the_call(string body, string mediaType, string? packing, int status, string type)
    {
        var (answered, problem) = await SendAsync(body, mediaType, packing);

        Assert.That(((int)answered, problem.GetProperty("type").GetString()), Is.EqualTo((status, $"urn:integrationhub:problem:{type}")));
    }

    [Test]
    public async Task Should_refuse_what_is_too_much_whether_packed_or_not()
    {
        var spaces = new string(' ', 17 * 1024 * 1024);
        Assert.That((await SendAsync(spaces)).Status, Is.EqualTo(HttpStatusCode.RequestEntityTooLarge));
        Assert.That((await SendAsync(spaces, packing: "gzip")).Status, Is.EqualTo(HttpStatusCode.RequestEntityTooLarge), "a few kilobytes that become many");
        Assert.That((await SendAsync(string.Concat(Enumerable.Repeat("7\n", 10_001)), "application/x-ndjson")).Status, Is.EqualTo(HttpStatusCode.RequestEntityTooLarge));
    }

    /// <summary>Whatever bytes come: an answer below 500, and whatever can be told apart as a fact is kept.</summary>
    [Test]
    public async Task Should_never_fail_for_what_a_body_holds()
    {
        var random = new Random(20261126);
        var good = Encoding.UTF8.GetBytes($"[{Profile(Guid.NewGuid(), "fuzz")},{CloudEvent(Guid.NewGuid())}]");
        string[] types = ["application/json", "application/x-ndjson", "application/cloudevents+json"];
        string?[] packings = [null, null, null, "gzip-not"];
        for (var i = 0; i < 400; i++)
        {
            var body = good.ToArray();
            for (var hits = random.Next(1, 6); hits > 0; hits--)
            {
                body[random.Next(body.Length)] = (byte)random.Next(256);
            }

            var (status, answer) = await SendAsync(body[..random.Next(body.Length / 2, body.Length + 1)], types[i % 3], packings[i % 4]);
            Assert.That((int)status, Is.LessThan(500), $"{i}: {answer}");
        }
    }

    [Test]
    public async Task Should_tell_a_flood_to_come_again()
    {
        var (isHeld, release) = (new TaskCompletionSource(), new TaskCompletionSource());
        var writer = _hub.Services.GetRequiredService<OutboxTransaction>().RunAsync(
            async (_, _) =>
            {
                isHeld.SetResult();
                await release.Task;
                return true;
            },
            CancellationToken.None);
        await isHeld.Task; // nobody else writes to the file, so calls pile up
        var calls = Enumerable.Range(0, 60).Select(async i =>
        {
            using var content = Content(Encoding.UTF8.GetBytes(Profile(Guid.NewGuid(), $"flood-{i}")), "application/json", null);
            using var response = await _http.PostAsync("/v1/events", content);
            return (response.StatusCode, Wait: response.Headers.RetryAfter?.Delta?.TotalSeconds);
        }).ToList();
        var refused = await Poll.For(() => Task.FromResult(calls.Where(call => call.IsCompletedSuccessfully).Select(call => call.Result).ToList()), done => done.Count == 60 - 8 - 32);
        release.SetResult();
        await writer;
        var answers = await Task.WhenAll(calls);

        Assert.That(refused.Select(answer => answer.StatusCode), Is.All.EqualTo(HttpStatusCode.TooManyRequests));
        Assert.That(refused.Select(answer => answer.Wait), Is.All.GreaterThan(0));
        Assert.That(answers.Count(answer => answer.StatusCode == HttpStatusCode.Accepted), Is.EqualTo(8 + 32), "who waited was served");
    }

    [Test]
    public async Task Should_leave_alone_whom_a_list_of_opt_outs_or_a_column_of_the_file_names()
    {
        using var list = Content(Encoding.UTF8.GetBytes("Email Address,Name\nIN-LIST@example.com,Bo\nnobody,Al\n"), "text/csv", null);
        using var response = await _http.PostAsync("/v1/consents?purpose=email_marketing&status=denied&source=mailchimp", list);
        var loaded = JsonSerializer.Deserialize<JsonElement>(await response.Content.ReadAsStringAsync());
        Assert.That((loaded.GetProperty("accepted").GetInt64(), loaded.GetProperty("rejected").GetInt64()), Is.EqualTo((1L, 1L)), loaded.ToString());

        string[] rows = [Row("opt-1", "in-list@example.com", ""), Row("opt-2", "in-column@example.com", "No"), Row("opt-3", "agreed@example.com", "yes"), Row("opt-4", "silent@example.com", "")];
        var snapshot = await _hub.LoadAsync(new MemoryStream(Encoding.UTF8.GetBytes($"{Header}\n{string.Concat(rows)}")));
        Assert.That((snapshot.Accepted, snapshot.Rejected), Is.EqualTo((4L, 0L)));
        var run = (await _hub.FinishAsync(await _hub.StartSyncAsync(snapshot.SnapshotId, IntegrationHub.Contracts.Audiences.SyncMode.Full, "braze"))).Single();

        Assert.That((run.Counts.Delivered, run.Counts.Suppressed), Is.EqualTo((2L, 2L)));
        Assert.That(await CountAsync("SELECT count(*) FROM consents WHERE source = 'list:customers' AND status = 'granted'"), Is.EqualTo(1));

        await _hub.LoadAsync(new MemoryStream(Encoding.UTF8.GetBytes($"{Header}\n{Row("opt-2", "in-column@example.com", "yes")}")), "delta");
        Assert.That(await CountAsync("SELECT count(*) FROM profiles WHERE external_id = 'opt-2' AND consent LIKE '%denied%'"), Is.EqualTo(1), "a yes in a list lifts no denial");
        var before = await CountAsync("SELECT count(*) FROM facts WHERE producer = 'list:customers'");
        await _hub.LoadAsync(new MemoryStream(Encoding.UTF8.GetBytes($"{Header}\n{string.Concat(rows)}")));
        Assert.That(await CountAsync("SELECT count(*) FROM facts WHERE producer = 'list:customers'"), Is.EqualTo(before), "a list that says nothing new");
    }

    [TestCase("purpose=email_marketin&status=denied&source=x", "purpose-unknown")]
    [TestCase("purpose=email_marketing&status=perhaps&source=x", "status-unknown")]
    [TestCase("purpose=email_marketing&status=denied", "source-missing")]
    [TestCase("purpose=email_marketing&status=granted&source=preference-center&decided_at=soon", "time-malformed")]
    [TestCase("purpose=email_marketing&status=granted&source=x&decided_at=2026-01-02T03:04:05Z", "source-may-not-grant")]
    public async Task Should_say_what_a_list_lacks(string query, string type)
    {
        using var list = Content("email\na@example.com\n"u8.ToArray(), "text/csv", null);
        using var response = await _http.PostAsync($"/v1/consents?{query}", list);

        Assert.That(await response.Content.ReadAsStringAsync(), Does.Contain($"urn:integrationhub:problem:{type}"));
    }

    private Task<(HttpStatusCode Status, JsonElement Body)> SendAsync(string body, string mediaType = "application/json", string? packing = null) =>
        SendAsync(Encoding.UTF8.GetBytes(body), mediaType, packing);

    private async Task<(HttpStatusCode Status, JsonElement Body)> SendAsync(byte[] body, string mediaType, string? packing)
    {
        using var content = Content(body, mediaType, packing);
        using var response = await _http.PostAsync("/v1/events", content);
        return (response.StatusCode, JsonSerializer.Deserialize<JsonElement>(await response.Content.ReadAsStringAsync()));
    }

    private static ByteArrayContent Content(byte[] body, string mediaType, string? packing)
    {
        using var packed = new MemoryStream();
        using (var stream = packing switch { "gzip" => new GZipStream(packed, CompressionLevel.Fastest, true), "br" => new BrotliStream(packed, CompressionLevel.Fastest, true), _ => (Stream?)null })
        {
            stream?.Write(body);
        }

        var content = new ByteArrayContent(packing is "gzip" or "br" ? packed.ToArray() : body);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(mediaType);
        if (packing is not null)
        {
            content.Headers.ContentEncoding.Add(packing.Split('-')[0]);
        }

        return content;
    }

    private Task<long> CountAsync(string sql) =>
        _hub.Services.GetRequiredService<OutboxTransaction>().ReadAsync(db => db.Database.SqlQueryRaw<long>(sql.Replace("count(*)", "count(*) AS \"Value\"", StringComparison.Ordinal)).SingleAsync());

    private static string Profile(Guid id, string person) =>
        $$$"""{"event_id":"{{{id}}}","event_type":"profile_updated","occurred_at":"2026-01-02T03:04:05Z","producer":"http","subject":{"external_id":"{{{person}}}"},"payload":{"attributes":{"first_name":"Dana"} } }""";

    private static string CloudEvent(Guid id) =>
        $$$"""{"specversion":"1.0","id":"{{{id}}}","source":"http","type":"integrationhub.profile_updated.v1","time":"2026-01-02T03:04:05Z","data":{"subject":{"external_id":"dress"},"payload":{"attributes":{} } } }""";

    private static string Row(string id, string email, string agreed) => $"{id},{agreed},Ada,Byron,5/14/1965,M,F,{email},\"$10,000 \",1,Bachelors,Manual,N\n";
}
