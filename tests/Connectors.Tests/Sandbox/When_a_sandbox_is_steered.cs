using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Connectors.Tests.Conformance;
using IntegrationHub.Connectors.Sandbox;

namespace Connectors.Tests.Sandbox;

/// <summary>What all sandboxes share, shown with Braze's.</summary>
public sealed class When_a_sandbox_is_steered
{
    private SandboxServer _server = null!;
    private HttpClient _http = null!;
    private string _braze = null!;

    private VendorRoom Room => _server["braze"];

    [SetUp]
    public async Task Start()
    {
        _server = await SandboxServer.StartAsync(new SandboxOptions { ApplyDelay = TimeSpan.Zero }, default);
        _braze = _server.BaseUrl("braze").AbsoluteUri;
        _http = new HttpClient { Timeout = Conformance.Poll.Patience };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", Room.Vendor.Credentials["api_key"]);
    }

    [TearDown]
    public async Task Stop()
    {
        _http.Dispose();
        await _server.DisposeAsync();
    }

    [Test]
    public void Should_serve_every_vendor_below_its_name()
    {
        Assert.That(_server.Rooms.Keys, Is.SupersetOf(new[] { "braze" }));
        Assert.That(_server.Rooms, Has.All.Matches<KeyValuePair<string, VendorRoom>>(room =>
            room.Key == room.Value.Vendor.Name && _server.BaseUrl(room.Key).AbsolutePath == $"/{room.Key}" && room.Value.Vendor.Credentials.Count > 0));
        Assert.That(() => _server["nobody"], Throws.ArgumentException.With.Message.Contains("braze"));
    }

    [Test]
    public async Task Should_strike_the_next_calls_and_then_no_more()
    {
        await PostAsync("_sandbox/faults", """{"kind":"status","status":502,"calls":2,"endpoint":"users/track"}""");
        Assert.That(await StatusAsync(), Is.EqualTo(502));
        Assert.That(await StatusAsync(), Is.EqualTo(502));
        Assert.That(await StatusAsync(), Is.EqualTo(201));
    }

    [Test]
    public async Task Should_strike_only_the_endpoint_that_is_named()
    {
        await PostAsync("_sandbox/faults", """[{"kind":"status","endpoint":"users/export/ids"}]""");
        Assert.That(await StatusAsync(), Is.EqualTo(201));
        Assert.That(await StatusAsync("users/export/ids", """{"external_ids":["a"],"fields_to_export":["email"]}"""), Is.EqualTo(503));
    }

    [Test]
    public async Task Should_strike_by_chance_and_the_same_way_each_time()
    {
        var first = await StrikesAsync();
        Room.Faults.Clear();
        Assert.That(first.Count(struck => struck), Is.InRange(15, 45));
        Assert.That(await StrikesAsync(), Is.EqualTo(first));

        async Task<List<bool>> StrikesAsync()
        {
            Room.Faults.Add(new Fault { Kind = FaultKind.Status, Probability = 0.3 });
            var strikes = new List<bool>();
            for (var i = 0; i < 100; i++)
            {
                strikes.Add(await StatusAsync() == 503);
            }

            return strikes;
        }
    }

    [Test]
    public async Task Should_apply_and_then_lose_the_answer()
    {
        Room.Faults.Add(new Fault { Kind = FaultKind.LostResponse, Calls = 1 });
        Assert.That(async () => await StatusAsync(), Throws.InstanceOf<HttpRequestException>());
        Assert.That(Room.Vendor.People().Count(), Is.EqualTo(1));
        Assert.That(await StatusAsync(), Is.EqualTo(201));
    }

    [Test]
    public void Should_break_the_connection_without_applying()
    {
        Room.Faults.Add(new Fault { Kind = FaultKind.Reset });
        Assert.That(async () => await StatusAsync(), Throws.InstanceOf<HttpRequestException>());
        Assert.That(Room.Vendor.People(), Is.Empty);
    }

    [Test]
    public void Should_leave_a_client_waiting_without_applying()
    {
        using var impatient = new HttpClient { Timeout = TimeSpan.FromMilliseconds(200) };
        impatient.DefaultRequestHeaders.Authorization = _http.DefaultRequestHeaders.Authorization;
        Room.Faults.Add(new Fault { Kind = FaultKind.Timeout });
        Assert.That(async () => await impatient.PostAsync($"{_braze}/users/track", Json(OnePerson)), Throws.InstanceOf<TaskCanceledException>());
        Assert.That(Room.Vendor.People(), Is.Empty);
    }

    [TestCase(FaultKind.EmptyBody, "")]
    [TestCase(FaultKind.MalformedBody, """{"message":"success",""")]
    public async Task Should_apply_and_spoil_the_body(FaultKind kind, string body)
    {
        Room.Faults.Add(new Fault { Kind = kind });
        using var answer = await _http.PostAsync($"{_braze}/users/track", Json(OnePerson));
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.Created));
        Assert.That(await answer.Content.ReadAsStringAsync(), Is.EqualTo(body).Or.StartsWith(body[..Math.Min(body.Length, 20)]));
        Assert.That(() => JsonDocument.Parse(answer.Content.ReadAsStringAsync().Result), Throws.InstanceOf<JsonException>());
        Assert.That(Room.Vendor.People().Count(), Is.EqualTo(1));
    }

    [Test]
    public async Task Should_answer_late_and_otherwise_as_usual()
    {
        Room.Faults.Add(new Fault { Kind = FaultKind.Slow, Delay = TimeSpan.FromMilliseconds(120) });
        var waited = Stopwatch.StartNew();
        Assert.That(await StatusAsync(), Is.EqualTo(201));
        Assert.That(waited.ElapsedMilliseconds, Is.AtLeast(100));
    }

    [Test]
    public async Task Should_refuse_the_same_people_again_and_again()
    {
        Room.Faults.Add(new Fault { Kind = FaultKind.RejectRecords, Probability = 0.2 });
        var people = string.Join(',', Enumerable.Range(0, 75).Select(id => $$"""{"external_id":"{{id}}"}"""));
        var first = await ErrorsAsync();
        Assert.That(first, Has.Count.InRange(5, 30));
        Assert.That(await ErrorsAsync(), Is.EqualTo(first));

        async Task<List<int>> ErrorsAsync()
        {
            using var answer = await _http.PostAsync($"{_braze}/users/track", Json($$"""{"attributes":[{{people}}]}"""));
            using var document = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
            return [.. document.RootElement.GetProperty("errors").EnumerateArray().Select(error => error.GetProperty("index").GetInt32())];
        }
    }

    [TestCase("faults", """{"kind":"explode"}""", "'kind' must be status, slow")]
    [TestCase("faults", """{"status":503}""", "'kind' is missing")]
    [TestCase("faults", """{"kind":"status","probability":2}""", "'probability' must be a number from 0 to 1")]
    [TestCase("faults", """{"kind":"status","chance":1}""", "'chance' is unknown")]
    [TestCase("faults", "{", "not JSON")]
    [TestCase("knobs", """{"quotas":"no"}""", "'quotas' must be true or false")]
    [TestCase("knobs", """{"quota_scale":0}""", "'quota_scale' must be a number")]
    [TestCase("knobs", """{"speed":1}""", "'speed' is unknown")]
    public async Task Should_name_the_field_that_is_wrong(string verb, string body, string error)
    {
        using var answer = await _http.PostAsync($"{_braze}/_sandbox/{verb}", Json(body));
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That(JsonSerializer.Deserialize<JsonElement>(await answer.Content.ReadAsStringAsync()).GetProperty("error").GetString(), Does.Contain(error));
    }

    [Test]
    public async Task Should_turn_its_knobs_while_it_runs()
    {
        await PostAsync("_sandbox/knobs", """{"quotas":false,"quota_scale":0.5,"apply_delay_ms":250}""");
        Assert.That((Room.Knobs.Quotas, Room.Knobs.QuotaScale, Room.Knobs.ApplyDelay), Is.EqualTo((false, 0.5, TimeSpan.FromMilliseconds(250))));
    }

    [Test]
    public async Task Should_tell_its_state_person_by_person()
    {
        await StatusAsync("users/track", """{"attributes":[{"external_id":"a","email":"a@b.test","first_name":"Zoë \"Z\"","aud_x":true,"aud_y":false},{"external_id":"b"}]}""");
        var lines = (await _http.GetStringAsync($"{_braze}/_sandbox/state")).Split('\n', StringSplitOptions.RemoveEmptyEntries);

        var people = lines.Select(line => JsonSerializer.Deserialize<JsonElement>(line)).ToDictionary(person => person.GetProperty("keys").GetProperty("external_id").GetString()!);
        Assert.That(people.Keys, Is.EquivalentTo(new[] { "a", "b" }));
        Assert.That(people["a"].GetProperty("memberships").EnumerateArray().Select(name => name.GetString()), Is.EqualTo(new[] { "aud_x" }));
        Assert.That(people["a"].GetProperty("fields").GetProperty("first_name").GetString(), Is.EqualTo("Zoë \"Z\""));
    }

    [Test]
    public async Task Should_count_what_it_sees_and_forget_on_reset()
    {
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => StatusAsync()));
        await StatusAsync("users/track", """{"attributes":[{"external_id":"a"},{"external_id":"b"},{"email":"x"}]}""");
        Room.Faults.Add(new Fault { Kind = FaultKind.Reset, Calls = 1 });
        Assert.That(async () => await StatusAsync(), Throws.InstanceOf<HttpRequestException>());

        await Poll.UntilAsync(() => Room.Stats.Of("users/track").Calls == 6, "the broken call is counted");
        var stats = JsonSerializer.Deserialize<JsonElement>(await _http.GetStringAsync($"{_braze}/_sandbox/stats"));
        var track = stats.GetProperty("endpoints").GetProperty("users/track");
        Assert.That(track.GetProperty("calls").GetInt32(), Is.EqualTo(6));
        Assert.That(track.GetProperty("records").GetInt32(), Is.EqualTo(7));
        Assert.That(track.GetProperty("max_records").GetInt32(), Is.EqualTo(3));
        Assert.That(track.GetProperty("max_bytes").GetInt32(), Is.GreaterThan(60));
        Assert.That(track.GetProperty("answers").GetRawText(), Does.Contain("\"201\":5").And.Contain("\"none\":1"));
        Assert.That(stats.GetProperty("max_concurrency").GetInt32(), Is.InRange(1, 4));

        await PostAsync("_sandbox/reset", "");
        Assert.That(Room.Vendor.People(), Is.Empty);
        Assert.That(Room.Stats.Endpoints, Is.Empty);
    }

    [Test]
    public async Task Should_count_refusals_for_a_quota_in_each_vendors_words([Values("braze", "hubspot", "marketo")] string vendor)
    {
        var room = _server[vendor];
        foreach (var status in new[] { 503, 429, 429 })
        {
            room.Faults.Add(new Fault { Kind = FaultKind.Status, Status = status, Calls = 1 });
            using var answer = await _http.GetAsync($"{_server.BaseUrl(vendor)}/any/path");
        }

        await Poll.UntilAsync(() => room.Stats.Endpoints.Values.Sum(seen => seen.Calls) == 3, "all calls are counted");
        var stats = JsonSerializer.Deserialize<JsonElement>(await _http.GetStringAsync($"{_server.BaseUrl(vendor)}/_sandbox/stats"));
        Assert.That((stats.GetProperty("throttled").GetInt64(), room.Stats.Throttled), Is.EqualTo((2, 2)));

        room.Reset();
        Assert.That(room.Stats.Throttled, Is.Zero);
    }

    private const string OnePerson = """{"attributes":[{"external_id":"a"}]}""";

    private static StringContent Json(string body) => new(body, Encoding.UTF8, "application/json");

    private async Task<int> StatusAsync(string path = "users/track", string body = OnePerson)
    {
        using var answer = await _http.PostAsync($"{_braze}/{path}", Json(body));
        return (int)answer.StatusCode;
    }

    private async Task PostAsync(string path, string body)
    {
        using var answer = await _http.PostAsync($"{_braze}/{path}", Json(body));
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.NoContent), await answer.Content.ReadAsStringAsync());
    }
}
