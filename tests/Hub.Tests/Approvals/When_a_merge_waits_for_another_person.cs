using System.Text.Json;
using IntegrationHub.Hub.Tests.Security;
using IntegrationHub.Storage;

namespace IntegrationHub.Hub.Tests.Approvals;

/// <summary>Two known people are made one by the word of two others, as the two were when it was asked for.</summary>
[TestFixture(StorageDatabase.Postgres)]
[TestFixture(StorageDatabase.Sqlite)]
[NonParallelizable]
public sealed class When_a_merge_waits_for_another_person(StorageDatabase database)
{
    private HubWithKeys _hub = null!;
    private string _anna = null!;
    private string _kim = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        _hub = await HubWithKeys.StartAsync(database);
        (_, _anna) = await _hub.MakeAsync("person:anna", "approver", "privacy");
        (_, _kim) = await _hub.MakeAsync("person:kim", "approver");
    }

    [OneTimeTearDown]
    public async Task Stop() => await _hub.DisposeAsync();

    [Test]
    public async Task Should_merge_them_when_another_person_agrees_and_not_before()
    {
        var (one, other) = await KnownAsync();
        var approval = await AskAsync(one, other);
        Assert.That(await AskAsync(other, one), Is.EqualTo(approval), "the same two, whatever the order");
        ShouldRefuse(await SayAsync(_anna, approval), 403, "four-eyes");
        ShouldRefuse(await SayAsync(HubWithKeys.Key, approval), 403, "person-needed");
        Assert.That(await AreOneAsync(one, other), Is.False);

        Assert.That((await SayAsync(_kim, approval)).Status, Is.EqualTo(200));
        Assert.That(await AreOneAsync(one, other), Is.True);
        var (status, again, _) = await _hub.CallAsync(_anna, "POST /v1/identity/merge", Merge(one, other));
        Assert.That((status, again.GetProperty("changed").GetBoolean()), Is.EqualTo((200, false)), "nobody is asked about what holds already");
        var (_, shown, _) = await _hub.CallAsync(_anna, "POST /v1/identity/show", new { key = $"external_id:{one}" });
        var decision = shown.GetProperty("decisions")[0];
        Assert.That(decision.GetProperty("by").GetString(), Is.EqualTo("person:anna"));
        Assert.That(decision.GetProperty("reason").GetString(), Does.Contain("registered twice").And.Contain("person:kim"));
    }

    [Test]
    public async Task Should_not_merge_people_who_are_not_as_they_were()
    {
        var (one, other) = await KnownAsync();
        var approval = await AskAsync(one, other);
        await StateAsync(other, "another@example.org");
        ShouldRefuse(await SayAsync(_kim, approval), 409, "plan-changed");
        Assert.That(await AreOneAsync(one, other), Is.False);
        Assert.That((await _hub.CallAsync(_kim, $"GET /v1/approvals/{approval}")).Body.GetProperty("state").GetString(), Is.EqualTo("withdrawn"));

        var anew = await AskAsync(one, other);
        Assert.That((await SayAsync(_kim, anew)).Status, Is.EqualTo(200));
        Assert.That(await AreOneAsync(one, other), Is.True);
    }

    [Test]
    public async Task Should_ask_nobody_about_people_who_cannot_be_merged()
    {
        var (one, _) = await KnownAsync();
        var (status, body, _) = await _hub.CallAsync(_anna, "POST /v1/identity/merge", Merge(one, "m-nobody"));
        ShouldRefuse((status, body), 404, "person-unknown");
    }

    private async Task<(string One, string Other)> KnownAsync()
    {
        var (one, other) = ($"m-{Guid.NewGuid():n}", $"m-{Guid.NewGuid():n}");
        await StateAsync(one, $"{one}@example.org");
        await StateAsync(other, $"{other}@example.org");
        return (one, other);
    }

    private async Task<Guid> AskAsync(string one, string other)
    {
        var (status, body, _) = await _hub.CallAsync(_anna, "POST /v1/identity/merge", Merge(one, other));
        Assert.That((status, body.TryGetProperty("kind", out var kind) ? kind.GetString() : null), Is.EqualTo((202, "merge")), body.ToString());
        Assert.That(body.ToString(), Does.Not.Contain(one).And.Not.Contain(other), "whoever may only look at runs is told nobody's id");
        return body.GetProperty("approval_id").GetGuid();
    }

    private async Task<(int Status, JsonElement Body)> SayAsync(string key, Guid approval)
    {
        var seen = (await _hub.CallAsync(key, $"GET /v1/approvals/{approval}")).Body.GetProperty("plan_hash").GetString();
        var (status, body, _) = await _hub.CallAsync(key, $"POST /v1/approvals/{approval}/approve", new { plan_hash = seen, reason = "they are one" });
        return (status, body);
    }

    private async Task<bool> AreOneAsync(string one, string other)
    {
        var (_, shown, _) = await _hub.CallAsync(_anna, "POST /v1/identity/show", new { key = $"external_id:{one}", reveal = true, reason = "to see it" });
        return shown.GetProperty("keys").EnumerateArray().Any(key => key.GetProperty("key").GetString() == $"external_id:{other}");
    }

    private async Task StateAsync(string person, string email)
    {
        var (status, body, _) = await _hub.CallAsync(HubWithKeys.Key, "POST /v1/events", new
        {
            event_id = Guid.CreateVersion7(), event_type = "profile_updated", schema_version = 1, occurred_at = DateTimeOffset.UtcNow, producer = "test", tenant_id = "default",
            subject = new { external_id = person, email }, payload = new { attributes = new { first_name = "Kim" } },
        });
        Assert.That((status, body.GetProperty("accepted").GetInt32()), Is.EqualTo((202, 1)), body.ToString());
    }

    private static object Merge(string one, string other) => new { key = $"external_id:{one}", person = other, reason = "registered twice" };

    private static void ShouldRefuse((int Status, JsonElement Body) answer, int status, string type) =>
        Assert.That((answer.Status, answer.Body.GetProperty("type").GetString()), Is.EqualTo((status, $"urn:integrationhub:problem:{type}")), answer.Body.ToString());
}
