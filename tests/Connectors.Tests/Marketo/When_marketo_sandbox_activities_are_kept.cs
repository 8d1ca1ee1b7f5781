using System.Text.Json;
using IntegrationHub.Connectors.Sandbox;
using Microsoft.Extensions.Time.Testing;

namespace Connectors.Tests.Marketo;

/// <summary>Custom activities, merges and the feeds of what changed.</summary>
public sealed class When_marketo_sandbox_activities_are_kept
{
    private const string Activities = "/rest/v1/activities/external.json";

    private FakeTimeProvider _time = null!;
    private SandboxClient _marketo = null!;

    [SetUp]
    public async Task StartAsync()
    {
        _time = Clock.AtNoon();
        _marketo = await SandboxClient.StartAsync(new SandboxOptions { Quotas = false, Time = _time });
        _marketo.Marketo.TokenLifetime = TimeSpan.FromDays(30);
        _marketo.Marketo.InvalidateToken();
        await _marketo.AuthorizeAsync();
        await _marketo.UpsertAsync("""{"email":"a@b.test"},{"email":"b@b.test"}""");
    }

    [TearDown]
    public async Task StopAsync() => await _marketo.DisposeAsync();

    [Test]
    public async Task Should_keep_every_custom_activity_and_recognise_no_repeat()
    {
        for (var i = 0; i < 2; i++)
        {
            var answer = await _marketo.CallAsync("POST", Activities, $$"""{"input":[{{Purchase(1)}}]}""");
            Assert.That(answer.GetProperty("result")[0].GetProperty("status").GetString(), Is.EqualTo("added"));
            Assert.That(answer.GetProperty("result")[0].GetProperty("marketoGUID").GetString(), Is.Not.Empty);
        }

        Assert.That(_marketo.Marketo.Events().Select(one => (one.Name, one.Id, one.PersonKeys["email"])), Is.EqualTo(new[]
        {
            ("hubPurchase", "event-1", "a@b.test"), ("hubPurchase", "event-1", "a@b.test"),
        }));
    }

    [Test]
    public async Task Should_tell_refused_activities_by_errors()
    {
        var input = string.Join(',', Purchase(99), Purchase(1, type: 100003), Purchase(1, type: 5), Purchase(1, attribute: "unknown"), Purchase(1, id: new string('x', 66_000)),
            """{"leadId":1,"activityTypeId":100001,"primaryAttributeValue":"x","attributes":[]}""", Purchase(2));
        var rows = (await _marketo.CallAsync("POST", Activities, $$"""{"input":[{{input}}]}""")).GetProperty("result").EnumerateArray();
        Assert.That(
            rows.Select(row => row.TryGetProperty("errors", out var errors) ? errors[0].GetProperty("code").GetString() : row.GetProperty("status").GetString()),
            Is.EqualTo(new[] { "1004", "1003", "1003", "1003", "1049", "1002", "added" }));
    }

    [Test]
    public async Task Should_describe_activity_types_with_their_state()
    {
        var types = (await _marketo.CallAsync("GET", "/rest/v1/activities/external/types.json")).GetProperty("result").EnumerateArray();
        Assert.That(
            types.Select(type => $"{type.GetProperty("id").GetInt32()} {type.GetProperty("apiName").GetString()} {type.GetProperty("status").GetString()}"),
            Is.EqualTo(new[] { "100001 hubPurchase approved", "100002 hubBehavior approved", "100003 hubDraft draft", "100004 hubProductViewed approved" }));
        var purchase = (await _marketo.CallAsync("GET", "/rest/v1/activities/external/type/hubPurchase/describe.json")).GetProperty("result")[0];
        Assert.That(purchase.GetProperty("primaryAttribute").GetProperty("apiName").GetString(), Is.EqualTo("productId"));
        Assert.That(
            purchase.GetProperty("attributes").EnumerateArray().Select(one => $"{one.GetProperty("apiName").GetString()} {one.TryGetProperty("isPrimary", out _)}"),
            Is.EqualTo(new[] { "hubEventId False", "currency False", "price False", "quantity False" }), "the vendor's page has the primary one beside the others");
        Assert.That(await _marketo.CodeAsync("GET", "/rest/v1/activities/external/type/nothing/describe.json"), Is.EqualTo("1013"));
    }

    [TestCase("leadId=2", "ok")]
    [TestCase("leadIds=2,99", "1004")]
    [TestCase("leadIds=1", "1003")]
    [TestCase("", "1002")]
    [TestCase("leadIds=2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27", "1080")]
    public async Task Should_merge_the_losers_into_the_winner(string query, string code)
    {
        Assert.That(await _marketo.CodeAsync("POST", $"/rest/v1/leads/1/merge.json?{query}"), Is.EqualTo(code));
        Assert.That(_marketo.Marketo.People().Count(), Is.EqualTo(code == "ok" ? 1 : 2));
    }

    [Test]
    public async Task Should_unite_values_lists_and_activities_by_a_merge()
    {
        await _marketo.UpsertAsync("""{"email":"a@b.test","firstName":"Ann"},{"email":"b@b.test","firstName":"Anna","city":"Rome"}""");
        var list = await _marketo.CreateListAsync();
        await _marketo.CallAsync("POST", $"/rest/v1/lists/{list}/leads.json?id=2");
        await _marketo.CallAsync("POST", Activities, $$"""{"input":[{{Purchase(2)}}]}""");
        await _marketo.CallAsync("POST", "/rest/v1/leads/1/merge.json?leadId=2");

        var person = _marketo.Marketo.People().Single();
        Assert.That((person.Fields["firstName"], person.Fields["city"], person.Memberships.Count), Is.EqualTo(("\"Ann\"", "\"Rome\"", 1)));
        Assert.That(_marketo.Marketo.Events().Single().PersonKeys["id"], Is.EqualTo("1"));
        Assert.That((await _marketo.CallAsync("GET", "/rest/v1/leads/1/listMembership.json")).GetProperty("result")[0].GetProperty("listId").GetInt64(), Is.EqualTo(list));
    }

    [Test]
    public async Task Should_show_changes_late_with_their_source_and_by_field()
    {
        var token = await TokenAsync();
        _time.Advance(TimeSpan.FromSeconds(1));
        await _marketo.UpsertAsync("""{"email":"a@b.test","city":"Rome","unsubscribed":true}""");
        Assert.That(Page(await _marketo.CallAsync("GET", Changes(token))), Is.Empty, "Not shown yet.");

        _time.Advance(TimeSpan.FromSeconds(60));
        var page = await _marketo.CallAsync("GET", Changes(token));
        var change = page.GetProperty("result")[0];
        Assert.That(change.GetProperty("fields").EnumerateArray().Single().GetProperty("newValue").GetString(), Is.EqualTo("true"));
        Assert.That(change.GetProperty("attributes").EnumerateArray().Last().GetRawText(), Is.EqualTo("""{"name":"Source","value":"Web service API"}"""));
        Assert.That(page.GetProperty("moreResult").GetBoolean(), Is.False);
    }

    [Test]
    public async Task Should_miss_what_is_shown_late_behind_an_advanced_token()
    {
        var token = await TokenAsync();
        _time.Advance(TimeSpan.FromSeconds(2));
        await _marketo.UpsertAsync("""{"email":"a@b.test","unsubscribed":true}""");
        _marketo.Marketo.FeedDelay = TimeSpan.FromMinutes(10);
        await _marketo.CallAsync("POST", Activities, $$"""{"input":[{{Purchase(1, second: 2)}}]}""");
        _time.Advance(TimeSpan.FromMinutes(5));
        var first = await _marketo.CallAsync("GET", $"/rest/v1/activities.json?activityTypeIds=13,100001&nextPageToken={Uri.EscapeDataString(token)}");
        _time.Advance(TimeSpan.FromMinutes(10));
        var next = Uri.EscapeDataString(first.GetProperty("nextPageToken").GetString()!);
        Assert.That(Page(first), Is.EqualTo(new[] { 13 }));
        Assert.That(Page(await _marketo.CallAsync("GET", $"/rest/v1/activities.json?activityTypeIds=13,100001&nextPageToken={next}")), Is.Empty);
        Assert.That(Page(await _marketo.CallAsync("GET", $"/rest/v1/activities.json?activityTypeIds=13,100001&nextPageToken={Uri.EscapeDataString(token)}")), Is.EqualTo(new[] { 100001, 13 }));
    }

    [Test]
    public async Task Should_give_short_pages_with_more_behind_them()
    {
        var token = await TokenAsync();
        for (var i = 0; i < 350; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await _marketo.UpsertAsync($$"""{"email":"a@b.test","city":"City {{i}}"}""");
        }

        await _marketo.UpsertAsync("""{"email":"a@b.test","unsubscribed":true}""");
        _time.Advance(TimeSpan.FromSeconds(60));
        var first = await _marketo.CallAsync("GET", Changes(token));
        Assert.That((Page(first).Length, first.GetProperty("moreResult").GetBoolean()), Is.EqualTo((0, true)));
        var second = await _marketo.CallAsync("GET", Changes(first.GetProperty("nextPageToken").GetString()!));
        Assert.That((Page(second).Length, second.GetProperty("moreResult").GetBoolean()), Is.EqualTo((1, false)));
    }

    [Test]
    public async Task Should_tell_deletions_for_14_days()
    {
        var token = await TokenAsync();
        _time.Advance(TimeSpan.FromSeconds(1));
        await _marketo.CallAsync("POST", "/rest/v1/leads/delete.json", """{"input":[{"id":1}]}""");
        _time.Advance(TimeSpan.FromDays(13));
        Assert.That(Page(await _marketo.CallAsync("GET", $"/rest/v1/activities/deletedleads.json?nextPageToken={Uri.EscapeDataString(token)}")), Is.EqualTo(new[] { 37 }));
        _time.Advance(TimeSpan.FromDays(2));
        Assert.That(Page(await _marketo.CallAsync("GET", $"/rest/v1/activities/deletedleads.json?nextPageToken={Uri.EscapeDataString(token)}")), Is.Empty);
    }

    [TestCase("/rest/v1/activities/pagingtoken.json", "1002")]
    [TestCase("/rest/v1/activities/pagingtoken.json?sinceDatetime=yesterday", "704")]
    [TestCase("/rest/v1/activities.json?activityTypeIds=1&nextPageToken=forged", "1003")]
    [TestCase("/rest/v1/activities.json?activityTypeIds=1,2,3,4,5,6,7,8,9,10,11", "1003")]
    [TestCase("/rest/v1/activities/leadchanges.json", "1002")]
    public async Task Should_refuse_a_wrong_poll(string path, string code) => Assert.That(await _marketo.CodeAsync("GET", path), Is.EqualTo(code));

    private static string Purchase(int lead, int type = 100001, string attribute = "hubEventId", string id = "event-1", int second = 0) =>
        $$"""{"leadId":{{lead}},"activityDate":"2026-11-21T12:00:0{{second}}Z","activityTypeId":{{type}},"primaryAttributeValue":"sku","attributes":[{"apiName":"{{attribute}}","value":"{{id}}"}]}""";

    private async Task<string> TokenAsync()
    {
        _time.Advance(TimeSpan.FromSeconds(1));
        var since = Uri.EscapeDataString(_time.GetUtcNow().AddMilliseconds(-500).ToString("O"));
        return (await _marketo.CallAsync("GET", $"/rest/v1/activities/pagingtoken.json?sinceDatetime={since}")).GetProperty("nextPageToken").GetString()!;
    }

    private static string Changes(string token) => $"/rest/v1/activities/leadchanges.json?fields=unsubscribed&nextPageToken={Uri.EscapeDataString(token)}";

    private static int[] Page(JsonElement answer) => [.. answer.GetProperty("result").EnumerateArray().Select(one => one.GetProperty("activityTypeId").GetInt32())];
}
