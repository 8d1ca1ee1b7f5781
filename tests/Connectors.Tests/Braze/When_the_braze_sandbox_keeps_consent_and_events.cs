using System.Net.Http.Headers;
using System.Text.Json;
using IntegrationHub.Connectors.Sandbox;
using IntegrationHub.Connectors.Sandbox.Braze;

namespace Connectors.Tests.Braze;

/// <summary>Consent, events and budgets of the Braze sandbox, as its README lists them.</summary>
public sealed class When_the_braze_sandbox_keeps_consent_and_events
{
    private ServedBraze _braze = null!;

    [SetUp]
    public async Task Start() => _braze = await ServedBraze.StartAsync();

    [TearDown]
    public async Task Stop() => await _braze.DisposeAsync();

    [Test]
    public async Task Should_share_the_states_of_an_address_among_its_profiles()
    {
        await _braze.TrackAsync("""{"external_id":"a","email":"x@example.test"}""", """{"external_id":"b","email":"X@example.test"}""", """{"external_id":"c","email":"y@example.test"}""");
        await _braze.TrackAsync("""{"external_id":"a","email_subscribe":"unsubscribed","subscription_groups":[{"subscription_group_id":"g","subscription_state":"subscribed"}]}""");
        Assert.That(
            new[] { "a", "b", "c" }.Select(id => string.Join(' ', _braze.Person(id)!.Consent.OrderBy(state => state.Key).Select(state => state.Value))),
            Is.EqualTo(new[] { "unsubscribed subscribed", "unsubscribed subscribed", "" }));
    }

    [Test]
    public async Task Should_reach_a_hundred_profiles_with_one_change()
    {
        foreach (var ids in Enumerable.Range(0, 120).Chunk(60))
        {
            await _braze.TrackAsync([.. ids.Select(id => $$"""{"external_id":"p{{id}}","email":"x@example.test"}""")]);
        }

        await _braze.PostAsync("email/status", """{"email":"x@example.test","subscription_state":"unsubscribed"}""", 201);
        Assert.That(_braze.Sandbox.People().Count(person => person.Consent.ContainsKey("email_subscribe")), Is.EqualTo(100));
    }

    [Test]
    public async Task Should_reset_the_global_state_when_the_address_changes_unless_the_new_one_has_its_own()
    {
        await _braze.TrackAsync("""{"external_id":"a","email":"x@example.test","email_subscribe":"unsubscribed"}""", """{"external_id":"b","email":"y@example.test","email_subscribe":"opted_in"}""");
        await _braze.TrackAsync("""{"external_id":"a","email":"z@example.test"}""");
        Assert.That(_braze.Person("a")!.Consent["email_subscribe"], Is.EqualTo("subscribed"));
        await _braze.TrackAsync("""{"external_id":"a","email":"y@example.test"}""");
        Assert.That(_braze.Person("a")!.Consent["email_subscribe"], Is.EqualTo("opted_in"));
        await _braze.TrackAsync("""{"external_id":"a","email":"w@example.test","email_subscribe":"unsubscribed"}""");
        Assert.That(_braze.Person("a")!.Consent["email_subscribe"], Is.EqualTo("unsubscribed"), "The state of the same object wins.");
    }

    [Test]
    public async Task Should_keep_the_states_of_groups_below_a_global_opt_out()
    {
        await _braze.TrackAsync("""{"external_id":"a","email":"x@example.test"}""");
        await SetGroupAsync("subscribed", "\"email\":[\"x@example.test\"]");
        await _braze.PostAsync("email/blocklist", """{"email":["x@example.test"]}""", 201);
        Assert.That(_braze.Person("a")!.Consent, Is.EquivalentTo(new Dictionary<string, string> { ["email_subscribe"] = "unsubscribed", ["g"] = "subscribed" }));
    }

    [TestCase(29, true)]
    [TestCase(31, false)]
    public async Task Should_keep_the_state_of_a_group_for_whoever_gets_the_address_in_thirty_days(int days, bool kept)
    {
        await SetGroupAsync("unsubscribed", "\"email\":[\"x@example.test\"]");
        _braze.Time.Advance(TimeSpan.FromDays(days));
        await _braze.TrackAsync("""{"external_id":"a","email":"x@example.test"}""");
        Assert.That(_braze.Person("a")!.Consent.ContainsKey("g"), Is.EqualTo(kept));
    }

    [Test]
    public async Task Should_forget_the_state_with_the_last_owner_of_the_address()
    {
        await _braze.TrackAsync("""{"external_id":"a","email":"x@example.test","email_subscribe":"unsubscribed"}""", """{"external_id":"b","email":"x@example.test"}""");
        await _braze.PostAsync("users/delete", """{"external_ids":["a"]}""", 200);
        Assert.That(await OptOutsAsync("start_date=2026-11-01&end_date=2026-12-01"), Has.Length.EqualTo(1));
        await _braze.PostAsync("users/delete", """{"external_ids":["b"]}""", 200);
        Assert.That(await OptOutsAsync("start_date=2026-11-01&end_date=2026-12-01"), Is.Empty);
        await _braze.TrackAsync("""{"external_id":"c","email":"x@example.test"}""");
        Assert.That(_braze.Person("c")!.Consent, Is.Empty);
    }

    [Test]
    public async Task Should_set_groups_by_number_and_read_them()
    {
        await _braze.TrackAsync("""{"external_id":"a","phone":"+15555550101"}""", """{"external_id":"b"}""");
        await SetGroupAsync("unsubscribed", "\"phone\":[\"+15555550101\"]");
        await _braze.PostAsync("v2/subscription/status/set", """{"subscription_groups":[{"subscription_group_id":"h","subscription_state":"subscribed","external_ids":["a","nobody"]}]}""", 201);
        Assert.That(
            (await _braze.GetAsync("subscription/status/get?subscription_group_id=g&external_id[]=a&external_id[]=b")).GetProperty("status").GetRawText(),
            Is.EqualTo("""{"a":"Unsubscribed","b":"Unknown"}"""));
        Assert.That(
            (await _braze.GetAsync("subscription/status/get?subscription_group_id=h&phone=%2B15555550101")).GetProperty("status").GetRawText(),
            Is.EqualTo("""{"\u002B15555550101":"Subscribed"}"""));
    }

    [TestCase("subscription/status/set", """{"subscription_group_id":"g","subscription_state":"subscribed","email":["a@example.test"],"phone":["+1"]}""")]
    [TestCase("subscription/status/set", """{"subscription_group_id":"g","subscription_state":"maybe","email":["a@example.test"]}""")]
    [TestCase("email/status", """{"email":"a@example.test","subscription_state":"maybe"}""")]
    [TestCase("email/status", """{"email":"no address","subscription_state":"subscribed"}""")]
    public Task Should_refuse_consent_that_it_cannot_read(string path, string body) => _braze.PostAsync(path, body, 400);

    [Test]
    public async Task Should_list_opt_outs_by_days_and_pages_newest_first()
    {
        for (var day = 0; day < 5; day++)
        {
            _braze.Sandbox.OptOutByLink($"p{day}@example.test");
            _braze.Time.Advance(TimeSpan.FromDays(1));
        }

        Assert.That(await OptOutsAsync("start_date=2026-11-22&end_date=2026-11-24"), Is.EqualTo(new[] { "p2@example.test", "p1@example.test" }));
        Assert.That(await OptOutsAsync("start_date=2026-11-01&end_date=2026-12-24&limit=2&offset=3"), Is.EqualTo(new[] { "p1@example.test", "p0@example.test" }));
        Assert.That(await OptOutsAsync("start_date=2026-11-01&end_date=2026-12-24&limit=1&sort_direction=asc"), Is.EqualTo(new[] { "p0@example.test" }));
        Assert.That((await _braze.CallAsync(HttpMethod.Get, "email/unsubscribes?start_date=2026-11-01", null)).Status, Is.EqualTo(400));

        await _braze.PostAsync("email/status", """{"email":"p0@example.test","subscription_state":"subscribed"}""", 201);
        Assert.That(await OptOutsAsync("email=p0@example.test&end_date=2026-12-24"), Is.Empty);
    }

    [Test]
    public async Task Should_count_a_repeated_event_twice()
    {
        const string Body = """{"events":[{"external_id":"a","name":"e","time":"2026-11-20T00:00:00Z","properties":{"hub_event_id":"1"}}],"purchases":[{"external_id":"a","product_id":"p","currency":"EUR","price":1,"time":"2030-01-01T00:00:00Z"}]}""";
        var answer = await _braze.PostAsync("users/track", Body, 201);
        Assert.That((answer.GetProperty("events_processed").GetInt32(), answer.GetProperty("purchases_processed").GetInt32()), Is.EqualTo((1, 1)));
        await _braze.PostAsync("users/track", Body, 201);

        var user = (await _braze.ExportAsync("\"external_ids\":[\"a\"]")).Single();
        Assert.That(user.GetProperty("custom_events").GetRawText(), Is.EqualTo(
            """[{"name":"e","first":"2026-11-20T00:00:00.000Z","last":"2026-11-20T00:00:00.000Z","count":2}]"""));
        Assert.That(user.GetProperty("purchases")[0].GetProperty("last").GetString(), Is.EqualTo("2026-11-21T12:00:00.000Z"), "The future is now.");
        Assert.That(_braze.Sandbox.Events().Select(happened => (happened.Name, happened.Id)), Is.EqualTo(
            new (string, string?)[] { ("e", "1"), ("p", null), ("e", "1"), ("p", null) }));
    }

    [Test]
    public async Task Should_export_what_happened_in_ninety_days()
    {
        await _braze.PostAsync("users/track", """{"events":[{"external_id":"a","name":"e","time":"2026-11-20T00:00:00Z"}]}""", 201);
        _braze.Time.Advance(TimeSpan.FromDays(91));
        Assert.That((await _braze.ExportAsync("\"external_ids\":[\"a\"]")).Single().TryGetProperty("custom_events", out _), Is.False);
    }

    [TestCase("events", """{"external_id":"a","time":"2026-11-20T00:00:00Z"}""", "'name' is required")]
    [TestCase("events", """{"external_id":"a","name":"e"}""", "'time' is required")]
    [TestCase("events", """{"external_id":"a","name":"e","time":"2026-11-20T00:00:00Z","properties":{"$x":1}}""", "Invalid 'properties' field")]
    [TestCase("purchases", """{"external_id":"a","product_id":"p","currency":"EUR","price":1,"quantity":101,"time":"2026-11-20T00:00:00Z"}""", "'quantity' is not valid")]
    [TestCase("purchases", """{"external_id":"a","product_id":"p","currency":"EUR","price":1,"time":"2026-11-20T00:00:00Z","properties":{"price":1}}""", "Invalid 'properties' field")]
    public async Task Should_refuse_an_event_that_is_not_complete(string array, string item, string error)
    {
        var answer = await _braze.PostAsync("users/track", $$"""{"{{array}}":[{{item}}],"attributes":[{"external_id":"a"}]}""", 201);
        Assert.That(answer.GetProperty("errors").GetRawText(), Does.Contain(JsonSerializer.Serialize(error)).And.Contain($"\"{array}\""));
        Assert.That(_braze.Sandbox.Events(), Is.Empty);
    }

    [Test]
    public async Task Should_apply_attributes_before_events()
    {
        await _braze.PostAsync("users/track", """{"events":[{"external_id":"a","name":"e","time":"2026-11-20T00:00:00Z","_update_existing_only":true}],"attributes":[{"external_id":"a"}]}""", 201);
        Assert.That(_braze.Sandbox.Events().Count(), Is.EqualTo(1));
    }

    [Test]
    public async Task Should_count_objects_as_the_contract_does()
    {
        var objects = string.Join(',', Enumerable.Range(0, 50).Select(id => $$"""{"external_id":"{{id}}"}"""));
        var events = string.Join(',', Enumerable.Range(0, 50).Select(id => $$"""{"external_id":"{{id}}","name":"e","time":"2026-11-20T00:00:00Z"}"""));
        var body = $$"""{"attributes":[{{objects}}],"events":[{{events}}]}""";
        await _braze.PostAsync("users/track", body, 400);
        _braze.Sandbox.LimitIsPerArray = true;
        await _braze.PostAsync("users/track", body, 201);
        _braze.Sandbox.LimitIsPerArray = false;
        await _braze.PostAsync("users/track/bulk", body, 201);
        await _braze.PostAsync("users/track/bulk", $$"""{"attributes":[{"external_id":"a","x":"{{new string('x', 2 * 1024 * 1024)}}"}]}""", 400);
    }

    [TestCase("users/delete", "users/merge", true)]
    [TestCase("users/alias/new", "users/identify", true)]
    [TestCase("subscription/status/set", "v2/subscription/status/set", true)]
    [TestCase("email/status", "email/unsubscribes", true)]
    [TestCase("users/external_ids/rename", "users/external_ids/remove", false)]
    [TestCase("users/track", "users/export/ids", false)]
    public async Task Should_have_one_budget_for_endpoints_that_share_it(string path, string other, bool shared)
    {
        _braze.Room.Faults.Add(new Fault { Kind = FaultKind.Vendor, Variant = BrazeFaults.BudgetSpent, Endpoint = path, Calls = 1 });
        var (status, _, headers) = await _braze.CallAsync(HttpMethod.Post, path, "{}");
        Assert.That((status, Header(headers, "x-ratelimit-remaining")), Is.EqualTo((429, "0")));
        var method = other == "email/unsubscribes" ? HttpMethod.Get : HttpMethod.Post;
        Assert.That((await _braze.CallAsync(method, other, method == HttpMethod.Get ? null : "{}")).Status == 429, Is.EqualTo(shared));

        _braze.Time.Advance(TimeSpan.FromHours(1));
        Assert.That((await _braze.CallAsync(HttpMethod.Post, path, "{}")).Status, Is.Not.EqualTo(429), "The budget is back with the next window.");
    }

    [TestCase("users/track", 3000)]
    [TestCase("users/delete", 20_000)]
    [TestCase("users/external_ids/rename", 1000)]
    [TestCase("v2/subscription/status/set", 5000)]
    [TestCase("email/status", 250_000)]
    public async Task Should_count_each_endpoint_by_its_own_limit(string path, int limit)
    {
        var (_, _, headers) = await _braze.CallAsync(HttpMethod.Post, path, "{}");
        Assert.That(
            (Header(headers, "x-ratelimit-limit"), Header(headers, "x-ratelimit-remaining")),
            Is.EqualTo(($"{limit}", $"{limit - 1}")));
    }

    private static string Header(HttpResponseHeaders headers, string name) => headers.GetValues(name).Single();

    private Task<JsonElement> SetGroupAsync(string state, string people)
        => _braze.PostAsync("subscription/status/set", $$"""{"subscription_group_id":"g","subscription_state":"{{state}}",{{people}}}""", 201);

    private async Task<string[]> OptOutsAsync(string query)
        => [.. (await _braze.GetAsync($"email/unsubscribes?{query}")).GetProperty("emails").EnumerateArray().Select(entry => entry.GetProperty("email").GetString()!)];
}
