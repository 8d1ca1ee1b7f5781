using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using IntegrationHub.Connectors.Sandbox;
using IntegrationHub.Connectors.Sandbox.Braze;
using Microsoft.Extensions.Time.Testing;

namespace Connectors.Tests.Braze;

/// <summary>The behaviours of the Braze sandbox that its README lists, one test each.</summary>
public sealed class When_the_braze_sandbox_is_called
{
    private const string Nobody = "Valid data must be provided in the 'attributes', 'events', or 'purchases' fields.";

    private FakeTimeProvider _time = null!;
    private SandboxServer _server = null!;
    private HttpClient _http = null!;

    private BrazeSandbox Braze => (BrazeSandbox)_server["braze"].Vendor;

    private SandboxKnobs Knobs => _server["braze"].Knobs;

    [SetUp]
    public async Task Start()
    {
        _time = Clock.AtNoon();
        _server = await SandboxServer.StartAsync(new SandboxOptions { ApplyDelay = TimeSpan.Zero, Time = _time }, default);
        _http = new HttpClient();
        UseKey(Braze.Credentials["api_key"]);
    }

    [TearDown]
    public async Task Stop()
    {
        _http.Dispose();
        await _server.DisposeAsync();
    }

    [Test]
    public async Task Should_admit_only_keys_it_knows_with_the_permission_they_need()
    {
        UseKey("unknown");
        Assert.That(await StatusAndMessageAsync("users/track", "{}"), Is.EqualTo((401, "Invalid API Key")));
        Braze.Keys["read-only"] = new HashSet<string> { "users.export.ids" };
        UseKey("read-only");
        Assert.That(await StatusAndMessageAsync("users/track", "{}"), Is.EqualTo((403, "Access Denied")));
        Assert.That((await StatusAndMessageAsync("users/export/ids", """{"external_ids":["a"],"fields_to_export":["email"]}""")).Status, Is.EqualTo(200));
        _http.DefaultRequestHeaders.Authorization = null;
        Assert.That((await StatusAndMessageAsync("users/track", "{}")).Status, Is.EqualTo(401));
    }

    [Test]
    public async Task Should_answer_unknown_paths_with_404()
        => Assert.That(await StatusAndMessageAsync("users/trick", "{}"), Is.EqualTo((404, "Invalid URL")));

    [Test]
    public async Task Should_refuse_what_is_too_large()
    {
        var objects = string.Join(',', Enumerable.Range(0, 76).Select(id => $$"""{"external_id":"{{id}}"}"""));
        Assert.That(await StatusAndMessageAsync("users/track", $$"""{"attributes":[{{objects}}]}"""), Is.EqualTo((400, "Max Input Length Exceeded")));

        var ids = string.Join(',', Enumerable.Range(0, 51).Select(id => $"\"{id}\""));
        Assert.That(
            await StatusAndMessageAsync("users/export/ids", $$"""{"external_ids":[{{ids}}],"fields_to_export":["email"]}"""),
            Is.EqualTo((400, "The max number of external_ids and aliases per request was exceeded")));

        var body = $$"""{"attributes":[{"external_id":"a","x":"{{new string('x', 4 * 1024 * 1024)}}"}]}""";
        Assert.That((await StatusAndMessageAsync("users/track", body)).Status, Is.EqualTo(413));
        Assert.That(Braze.People(), Is.Empty);
    }

    [TestCase("{")]
    [TestCase("[]")]
    [TestCase("")]
    public async Task Should_refuse_what_is_no_json_object(string body)
        => Assert.That(await StatusAndMessageAsync("users/track", body), Is.EqualTo((400, "Bad Request")));

    [Test]
    public async Task Should_refuse_another_content_type()
    {
        using var content = new StringContent("{}", Encoding.UTF8, "text/plain");
        using var answer = await _http.PostAsync($"{_server.BaseUrl("braze")}/users/track", content);
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.UnsupportedMediaType));
    }

    [Test]
    public async Task Should_name_each_bad_object_and_take_the_rest()
    {
        var (status, answer) = await TrackAsync(
            """{"external_id":"a","first_name":"Ann"}""",
            $$"""{"external_id":"{{new string('x', 988)}}"}""",
            """{"external_id":"c","email":"no mail"}""",
            """{"first_name":"Nobody"}""",
            """{"external_id":"e","email_subscribe":"maybe"}""");

        Assert.That(status, Is.EqualTo(201));
        Assert.That(answer.GetProperty("attributes_processed").GetInt32(), Is.EqualTo(1));
        Assert.That(
            answer.GetProperty("errors").EnumerateArray().Select(error => (
                error.GetProperty("index").GetInt32(), error.GetProperty("input_array").GetString(), error.GetProperty("type").GetString())),
            Is.EqualTo(new (int, string?, string?)[]
            {
                (1, "attributes", "EXTERNAL_USER_ID_TOO_LARGE"),
                (2, "attributes", "The value provided for the 'email' field is not a valid email."),
                (3, "attributes", "'external_id', 'braze_id', 'user_alias', 'email' or 'phone' is required"),
                (4, "attributes", "BAD_EMAIL_SUBSCRIPTION_STATE"),
            }));
        Assert.That(Braze.People().Select(person => person.Keys["external_id"]), Is.EqualTo(new[] { "a" }));
    }

    [Test]
    public async Task Should_answer_400_when_nothing_is_valid()
    {
        var (status, answer) = await TrackAsync("""{"email":"no mail"}""");
        Assert.That((status, answer.GetProperty("message").GetString()), Is.EqualTo((400, Nobody)));
        Assert.That(answer.GetProperty("errors").GetArrayLength(), Is.EqualTo(1));
        Assert.That(await StatusAndMessageAsync("users/track", """{"attributes":[]}"""), Is.EqualTo((400, Nobody)));
    }

    [Test]
    public async Task Should_show_work_only_after_its_delay()
    {
        Knobs.ApplyDelay = TimeSpan.FromSeconds(10);
        await TrackAsync("""{"external_id":"a"}""");
        _time.Advance(TimeSpan.FromSeconds(4.9));
        Assert.That((await ExportAsync("a")).GetProperty("invalid_user_ids")[0].GetString(), Is.EqualTo("a"));
        Assert.That(Braze.IsSettled, Is.False);
        _time.Advance(TimeSpan.FromSeconds(10.2));
        Assert.That((await ExportAsync("a")).GetProperty("users").GetArrayLength(), Is.EqualTo(1));
        Assert.That(Braze.IsSettled);
    }

    [Test]
    public async Task Should_let_requests_overtake_each_other()
    {
        Knobs.ApplyDelay = TimeSpan.FromSeconds(10);
        for (var i = 0; i < 40; i++)
        {
            await TrackAsync($$"""{"external_id":"a","n":{{i}}}""", $$"""{"external_id":"b","n":{{i}}}""", $$"""{"external_id":"b","n":{{i + 1000}}}""");
            _time.Advance(TimeSpan.FromMilliseconds(1));
        }

        _time.Advance(TimeSpan.FromSeconds(20));
        var last = Braze.People().ToDictionary(person => person.Keys["external_id"], person => int.Parse(person.Fields["n"], CultureInfo.InvariantCulture));
        Assert.That(last["a"], Is.Not.EqualTo(39), "The last request is not the last to be applied.");
        Assert.That(last["b"], Is.EqualTo(last["a"] + 1000), "Inside a request the order is kept.");
    }

    [Test]
    public async Task Should_create_nobody_when_told_to_update_only()
    {
        var (status, answer) = await TrackAsync("""{"external_id":"a","_update_existing_only":true,"x":true}""");
        Assert.That((status, answer.GetProperty("attributes_processed").GetInt32()), Is.EqualTo((201, 1)));
        Assert.That(Braze.People(), Is.Empty);
    }

    [Test]
    public async Task Should_find_by_email_only_without_a_primary_id()
    {
        await TrackAsync("""{"email":"Ann@Example.test","n":1}""");
        await TrackAsync("""{"external_id":"a","email":"ann@example.test","n":2}""");
        Assert.That(Braze.Duplicates, Is.EqualTo(1), "A known e-mail with a new external id is a second person.");
        await TrackAsync("""{"email":"ann@example.test","n":3}""");

        Assert.That(
            Braze.People().Select(person => (person.Keys.GetValueOrDefault("external_id"), person.Fields["n"])),
            Is.EquivalentTo(new (string?, string)[] { (null, "1"), ("a", "3") }), "Identified people come first.");
        Assert.That((await ExportAsync("a")).GetProperty("users")[0].GetProperty("email").GetString(), Is.EqualTo("ann@example.test"));
    }

    [Test]
    public async Task Should_drop_in_silence_what_braze_drops_in_silence()
    {
        Braze.ForcedTypes["age"] = BrazeType.Number;
        var (status, answer) = await TrackAsync($$"""
            {"external_id":"a","age":"41","text":"{{new string('x', 256)}}","country":"Utopia","gender":"X","nested":{"a":{"b":null} },"kept":"y",
             "list":[{{string.Join(',', Enumerable.Range(0, 501))}},7]}
            """);
        Assert.That((status, answer.TryGetProperty("errors", out _)), Is.EqualTo((201, false)));

        var fields = Braze.People().Single().Fields;
        Assert.That(fields.Keys, Is.EquivalentTo(new[] { "kept", "list" }));
        var list = JsonSerializer.Deserialize<int[]>(fields["list"])!;
        Assert.That(list, Has.Length.EqualTo(500));
        Assert.That((list[0], list[^1]), Is.EqualTo((1, 7)), "The oldest went, a repeated value moved to the end.");
    }

    [Test]
    public async Task Should_keep_the_old_value_when_an_object_array_is_too_large()
    {
        await TrackAsync("""{"external_id":"a","orders":[{"id":1}]}""");
        await TrackAsync($$"""{"external_id":"a","orders":[{{string.Join(',', Enumerable.Repeat("""{"note":"0123456789"}""", 5000))}}]}""");
        Assert.That(Braze.People().Single().Fields["orders"], Is.EqualTo("""[{"id":1}]"""));
    }

    [Test]
    public async Task Should_remove_a_field_by_null_and_keep_it_by_an_empty_text()
    {
        await TrackAsync("""{"external_id":"a","x":"1","y":"1"}""");
        await TrackAsync("""{"external_id":"a","x":null,"y":""}""");
        Assert.That(Braze.People().Single().Fields, Is.EquivalentTo(new Dictionary<string, string> { ["y"] = "\"\"" }));
    }

    [Test]
    public async Task Should_export_only_the_fields_asked_for_and_leave_out_empty_ones()
    {
        await TrackAsync("""{"external_id":"a","email":"A@b.test","first_name":"Ann","aud_x":true}""");
        var user = (await ExportAsync("a")).GetProperty("users")[0];
        Assert.That(user.EnumerateObject().Select(field => field.Name), Is.EquivalentTo(new[] { "external_id", "email", "custom_attributes" }));
        Assert.That(
            await StatusAndMessageAsync("users/export/ids", """{"external_ids":["a"]}"""), Is.EqualTo((400, "'fields_to_export' is required")));
    }

    [Test]
    public async Task Should_count_calls_in_clock_aligned_windows_and_say_so_in_headers()
    {
        Knobs.QuotaScale = 2.0 / 3000;
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.That(await LimitsAsync(), Is.EqualTo("201 x-ratelimit-limit=2 x-ratelimit-remaining=1 x-ratelimit-reset=1795262403"));
        Assert.That(await LimitsAsync(), Is.EqualTo("201 x-ratelimit-limit=2 x-ratelimit-remaining=0 x-ratelimit-reset=1795262403"));
        Assert.That(await LimitsAsync(), Is.EqualTo("429 x-ratelimit-limit=2 x-ratelimit-remaining=0 x-ratelimit-reset=1795262403"));
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.That(await LimitsAsync(), Is.EqualTo("201 x-ratelimit-limit=2 x-ratelimit-remaining=1 x-ratelimit-reset=1795262406"));
        Knobs.Quotas = false;
        for (var i = 0; i < 5; i++)
        {
            Assert.That(await LimitsAsync(), Does.StartWith("201"));
        }
    }

    [Test]
    public async Task Should_count_calls_as_an_active_user_contract_does()
    {
        Braze.Contract = BrazeContract.MonthlyActiveUsers;
        Knobs.QuotaScale = 1.0 / 3000;
        Assert.That(await LimitsAsync(), Is.EqualTo("201 x-ratelimit-limit=1 x-ratelimit-remaining=0 x-ratelimit-reset=3"));
        Assert.That(await LimitsAsync(), Is.EqualTo("429 x-ratelimit-retry-after=3"));
    }

    [TestCase(BrazeFaults.FatalMessage, """{"message":"Something went wrong"}""", 0)]
    [TestCase(BrazeFaults.NoMessage, """{"attributes_processed":1}""", 1)]
    [TestCase(BrazeFaults.ErrorsWithoutIndex, """{"message":"success","attributes_processed":1,"errors":["Some data could not be processed"]}""", 1)]
    public async Task Should_make_the_faults_that_only_braze_makes(string variant, string expected, int applied)
    {
        _server["braze"].Faults.Add(new Fault { Kind = FaultKind.Vendor, Variant = variant, Calls = 1 });
        var (status, answer) = await TrackAsync("""{"external_id":"a"}""");
        Assert.That((status, answer.GetRawText()), Is.EqualTo((201, expected)));
        Assert.That(Braze.People().Count(), Is.EqualTo(applied));
        Assert.That((await TrackAsync("""{"external_id":"a"}""")).Answer.GetRawText(), Is.EqualTo("""{"message":"success","attributes_processed":1}"""));
    }

    private void UseKey(string key) => _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);

    private async Task<HttpResponseMessage> PostAsync(string path, string body)
    {
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        return await _http.PostAsync($"{_server.BaseUrl("braze")}/{path}", content);
    }

    private async Task<(int Status, JsonElement Answer)> TrackAsync(params string[] objects)
    {
        using var answer = await PostAsync("users/track", $$"""{"attributes":[{{string.Join(',', objects)}}]}""");
        return ((int)answer.StatusCode, JsonSerializer.Deserialize<JsonElement>(await answer.Content.ReadAsStringAsync()));
    }

    private async Task<(int Status, string? Message)> StatusAndMessageAsync(string path, string body)
    {
        using var answer = await PostAsync(path, body);
        return ((int)answer.StatusCode, JsonSerializer.Deserialize<JsonElement>(await answer.Content.ReadAsStringAsync()).GetProperty("message").GetString());
    }

    private async Task<JsonElement> ExportAsync(string externalId)
    {
        using var answer = await PostAsync(
            "users/export/ids", $$"""{"external_ids":["{{externalId}}"],"fields_to_export":["external_id","email","custom_attributes","last_name"]}""");
        return JsonSerializer.Deserialize<JsonElement>(await answer.Content.ReadAsStringAsync());
    }

    private async Task<string> LimitsAsync()
    {
        using var answer = await PostAsync("users/track", """{"attributes":[{"external_id":"a"}]}""");
        var limits = answer.Headers.Where(header => header.Key.StartsWith("x-ratelimit", StringComparison.OrdinalIgnoreCase))
            .OrderBy(header => header.Key, StringComparer.Ordinal)
            .Select(header => $"{header.Key}={header.Value.Single()}");
        return $"{(int)answer.StatusCode} {string.Join(' ', limits)}";
    }
}
