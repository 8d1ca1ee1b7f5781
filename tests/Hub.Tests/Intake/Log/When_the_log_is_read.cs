using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using IntegrationHub.Storage;

namespace IntegrationHub.Hub.Tests.Intake.Log;

/// <summary>A whole hub: its log is read by position over HTTP, and tells of nobody.</summary>
public sealed class When_the_log_is_read
{
    private const string Mail = "canary.person@example.com";
    private WholeHub _hub = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _hub = await WholeHub.StartAsync(StorageDatabase.Sqlite);
        var facts = Enumerable.Range(0, 30).Select(i => i % 10 == 0
            ? Fact("consent_updated", """{"purpose":"email_marketing","status":"denied","source":"form"}""")
            : Fact("profile_updated", $$"""{"attributes":{"age":{{i}},"city":"Canarytown"} }"""));
        using var body = new StringContent($"[{string.Join(',', facts)}]", Encoding.UTF8, "application/json");
        Assert.That((await _hub.Http.PostAsync("/v1/events", body)).StatusCode, Is.EqualTo(HttpStatusCode.Accepted));
    }

    [OneTimeTearDown]
    public async Task Stop() => await _hub.DisposeAsync();

    [Test]
    public async Task Should_be_read_part_by_part_to_its_end()
    {
        var (positions, after, parts) = (new List<long>(), 0L, 0);
        JsonElement page;
        do
        {
            page = await ReadAsync($"?after={after}&limit=8");
            positions.AddRange(page.GetProperty("items").EnumerateArray().Select(fact => fact.GetProperty("position").GetInt64()));
            after = page.GetProperty("next").GetInt64();
            parts++;
        }
        while (!page.GetProperty("at_end").GetBoolean());

        Assert.That(positions, Is.Ordered.And.Unique);
        Assert.That((positions.Count, parts, after), Is.EqualTo((30, 4, positions[^1])));
        page = await ReadAsync($"?after={after}");
        Assert.That((page.GetProperty("items").GetArrayLength(), page.GetProperty("next").GetInt64(), page.GetProperty("at_end").GetBoolean()), Is.EqualTo((0, after, true)));
    }

    [Test]
    public async Task Should_be_read_by_type_and_go_on_after_everything_that_was_looked_at()
    {
        var first = await ReadAsync("?event_type=consent_updated&limit=2");
        Assert.That(first.GetProperty("items").GetArrayLength(), Is.EqualTo(2));
        var rest = await ReadAsync($"?event_type=consent_updated&limit=2&after={first.GetProperty("next").GetInt64()}");
        Assert.That((rest.GetProperty("items").GetArrayLength(), rest.GetProperty("at_end").GetBoolean()), Is.EqualTo((1, true)));
        var last = (await ReadAsync("?limit=1000")).GetProperty("next").GetInt64();
        Assert.That(rest.GetProperty("next").GetInt64(), Is.EqualTo(last), "the others need not be looked at again");
    }

    [Test]
    public async Task Should_tell_of_nobody()
    {
        var text = await _hub.Http.GetStringAsync("/v1/events?limit=1000");
        Assert.That(text, Does.Not.Contain("canary").IgnoreCase);
        using var json = JsonDocument.Parse(text);
        var fact = json.RootElement.GetProperty("items").EnumerateArray().First(fact => fact.GetProperty("event_type").GetString() == "consent_updated").GetProperty("fact");
        Assert.That(fact.GetProperty("payload").GetProperty("status").GetString(), Is.EqualTo("denied"), "what is masked is who, not what");
        Assert.That(fact.GetProperty("subject").GetProperty("email").GetString(), Does.StartWith("(text"));
    }

    [Test]
    public async Task Should_tell_whoever_may_see_people_when_they_ask()
    {
        var fact = (await ReadAsync("?reveal=true&reason=to%20see%20it&event_type=consent_updated&limit=1")).GetProperty("items")[0].GetProperty("fact");
        Assert.That(fact.GetProperty("subject").GetProperty("email").GetString(), Is.EqualTo(Mail));
    }

    [TestCase("?after=-1", "after")]
    [TestCase("?limit=0", "limit")]
    [TestCase("?limit=1001", "limit")]
    public async Task Should_say_what_is_asked_for_wrongly(string query, string field)
    {
        var answer = await _hub.Http.GetAsync($"/v1/events{query}");
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That((await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("field").GetString(), Is.EqualTo(field));
    }

    private Task<JsonElement> ReadAsync(string query) => _hub.Http.GetFromJsonAsync<JsonElement>($"/v1/events{query}");

    private static string Fact(string type, string payload) =>
        $$"""{"event_id":"{{Guid.NewGuid()}}","event_type":"{{type}}","occurred_at":"{{TimeProvider.System.GetUtcNow():O}}","producer":"shop","subject":{"external_id":"Canary-1","email":"{{Mail}}"},"payload":{{payload}}}""";
}
