using IntegrationHub.Hub.Security;
using IntegrationHub.Storage;
using IntegrationHub.TestServers;
using Microsoft.Extensions.DependencyInjection;

namespace IntegrationHub.Hub.Tests.Security;

/// <summary>Principals, their keys and what these open, over real HTTP.</summary>
[TestFixture(StorageDatabase.Postgres)]
[TestFixture(StorageDatabase.Sqlite)]
[NonParallelizable]
public sealed class When_people_have_keys(StorageDatabase database)
{
    private HubWithKeys _hub = null!;

    [OneTimeSetUp]
    public async Task Start() => _hub = await HubWithKeys.StartAsync(database);

    [OneTimeTearDown]
    public async Task Stop() => await _hub.DisposeAsync();

    [Test]
    public async Task Should_let_everybody_in_as_who_they_are()
    {
        var (_, anna) = await _hub.MakeAsync("person:anna", "operator");
        var (_, another) = await _hub.MakeAsync("person:anna");
        Assert.That(anna, Does.Match("^hub_[0-9A-Za-z]{12}_[0-9A-Za-z]{43}$"));
        foreach (var key in new[] { anna, another })
        {
            var (status, body, _) = await _hub.CallAsync(key, "GET /v1/caller");
            Assert.That((status, body.GetProperty("principal").GetString()), Is.EqualTo((200, "person:anna")));
            Assert.That(body.GetProperty("scopes").EnumerateArray().Select(scope => scope.GetString()), Is.EquivalentTo(Role.ScopesOf("operator")));
        }

        var (_, settings, _) = await _hub.CallAsync(HubWithKeys.Key, "GET /v1/caller");
        Assert.That(settings.GetProperty("principal").GetString(), Is.EqualTo("service:api-key"));
        Assert.That(settings.GetProperty("scopes").GetArrayLength(), Is.EqualTo(Scope.All.Count));
    }

    [Test]
    public async Task Should_name_the_scope_that_is_missing()
    {
        var (_, viewer) = await _hub.MakeAsync("person:vera", "viewer");
        Assert.That((await _hub.CallAsync(viewer, "GET /v1/runs")).Status, Is.EqualTo(200));
        foreach (var (route, scope) in new[]
        {
            ("POST /v1/audience-syncs", Scope.RunsWrite), ($"POST /v1/runs/{Guid.NewGuid()}/approve", Scope.RunsApprove), ("GET /v1/keys", Scope.Admin), ("GET /v1/audit", Scope.AuditRead),
            ("POST /v1/identities/merge", Scope.PrivacyWrite), ("POST /v1/identity/merge", Scope.PrivacyWrite), ("POST /v1/events", Scope.FactsWrite),
        })
        {
            var (status, body, _) = await _hub.CallAsync(viewer, route, new { });
            Assert.That((status, body.GetProperty("type").GetString()), Is.EqualTo((403, "urn:integrationhub:problem:scope-missing")), route);
            Assert.That(body.GetProperty("detail").GetString(), Does.Contain(scope).And.Contain("person:vera"), route);
        }
    }

    [Test]
    public async Task Should_show_what_is_masked_only_to_whoever_may_see_it()
    {
        var (_, viewer) = await _hub.MakeAsync("person:viola", "viewer");
        var (_, officer) = await _hub.MakeAsync("person:paul", "privacy");
        foreach (var (route, body) in new[] { ("POST /v1/identity/show", (object?)new { key = "email:kim@example.org", reveal = true }), ("GET /v1/identities/proposals?reveal=true", null), ("GET /v1/events?reveal=true", null) })
        {
            var (status, problem, _) = await _hub.CallAsync(viewer, route, body);
            Assert.That(status, Is.EqualTo(403), route);
            Assert.That(problem.GetProperty("detail").GetString(), Does.Contain(Scope.PeopleReveal), route);
            Assert.That((await _hub.CallAsync(officer, route, body)).Status, Is.Not.EqualTo(403), route);
        }
    }

    [Test]
    public async Task Should_open_nothing_with_a_key_that_is_over()
    {
        var (id, text) = await _hub.MakeAsync("service:shop", "operator");
        Assert.That((await _hub.CallAsync(text, "GET /v1/runs")).Status, Is.EqualTo(200));
        Assert.That((await _hub.CallAsync(text[..^1] + (text[^1] == 'x' ? 'y' : 'x'), "GET /v1/runs")).Status, Is.EqualTo(401), "another secret with the same id");
        var (status, revoked, _) = await _hub.CallAsync(HubWithKeys.Key, $"POST /v1/keys/{id}/revoke", new { reason = "lost" });
        Assert.That((status, revoked.GetProperty("state").GetString()), Is.EqualTo((200, "revoked")));
        Assert.That((await _hub.CallAsync(text, "GET /v1/runs")).Status, Is.EqualTo(401));

        var (_, brief, _) = await _hub.CallAsync(HubWithKeys.Key, "POST /v1/keys", new { principal = "service:brief", scopes = new[] { Scope.RunsRead }, expires_at = DateTimeOffset.UtcNow.AddSeconds(1.5) });
        var key = brief.GetProperty("key").GetString()!;
        Assert.That((await _hub.CallAsync(key, "GET /v1/runs")).Status, Is.EqualTo(200));
        await Poll.Until(async () => (await _hub.CallAsync(key, "GET /v1/runs")).Status == 401, "the key to expire");
    }

    [Test]
    public async Task Should_open_nothing_for_somebody_who_was_disabled()
    {
        var (id, text) = await _hub.MakeAsync("person:dan", "operator");
        var (_, admin) = await _hub.MakeAsync("person:adam", "admin");
        Assert.That((await _hub.CallAsync(text, "GET /v1/runs")).Status, Is.EqualTo(200));
        var (status, word, _) = await _hub.CallAsync(admin, "POST /v1/principals/disable", new { principal = "person:dan", reason = "left" });
        Assert.That((status, word.GetProperty("roles")[0].GetString()), Is.EqualTo((200, "operator")));
        Assert.That((await _hub.CallAsync(text, "GET /v1/runs")).Status, Is.EqualTo(401));
        Assert.That((await _hub.CallAsync((await _hub.MakeAsync("person:dan")).Text, "GET /v1/runs")).Status, Is.EqualTo(401), "a new key neither");

        var (_, keys, _) = await _hub.CallAsync(admin, "GET /v1/keys");
        Assert.That(keys.GetProperty("items").EnumerateArray().Single(key => key.GetProperty("key_id").GetString() == id).GetProperty("state").GetString(), Is.EqualTo("disabled"));
        var (_, disabled, _) = await _hub.CallAsync(admin, "GET /v1/principals?disabled=true");
        Assert.That(disabled.GetProperty("items").EnumerateArray().Select(one => one.GetProperty("principal").GetString()), Does.Contain("person:dan").And.Not.Contain("person:adam"));
        await _hub.CallAsync(admin, "POST /v1/principals/enable", new { principal = "person:dan" });
        Assert.That((await _hub.CallAsync(text, "GET /v1/runs")).Status, Is.EqualTo(200));
    }

    [TestCase("POST /v1/principals/disable", "anna", 400, "principal-malformed")]
    [TestCase("POST /v1/principals/disable", "person:an na", 400, "principal-malformed")]
    [TestCase("POST /v1/principals/disable", "service:api-key", 400, "principal-malformed")]
    [TestCase("POST /v1/principals/disable", "person:ada", 409, "principal-self")]
    public async Task Should_say_why_somebody_is_not_disabled(string route, string principal, int expected, string type)
    {
        var (_, admin) = await _hub.MakeAsync("person:ada", "admin");
        var (status, problem, _) = await _hub.CallAsync(admin, route, new { principal });
        Assert.That((status, problem.GetProperty("type").GetString()), Is.EqualTo((expected, $"urn:integrationhub:problem:{type}")));
    }

    [Test]
    public async Task Should_notice_within_seconds_whom_another_hub_disabled()
    {
        var (_, text) = await _hub.MakeAsync("person:dagmar", "operator");
        Assert.That((await _hub.CallAsync(text, "GET /v1/runs")).Status, Is.EqualTo(200));
        await WriteAsync(async (db, session) => await session.ExecuteAsync("UPDATE principals SET disabled_at = created_at WHERE principal_id = 'person:dagmar'", CancellationToken.None));
        await Poll.Until(async () => (await _hub.CallAsync(text, "GET /v1/runs")).Status == 401, "the person to be known as disabled");
    }

    [Test]
    public async Task Should_notice_within_seconds_what_another_hub_revoked()
    {
        var (id, text) = await _hub.MakeAsync("service:remote", "operator");
        Assert.That((await _hub.CallAsync(text, "GET /v1/runs")).Status, Is.EqualTo(200));
        await WriteAsync(async (db, session) => await session.ExecuteAsync("UPDATE api_keys SET revoked_at = created_at WHERE key_id = @id", CancellationToken.None, ("id", id)));
        await Poll.Until(async () => (await _hub.CallAsync(text, "GET /v1/runs")).Status == 401, "the key to be known as revoked");
    }

    [Test]
    public async Task Should_keep_no_key_and_show_it_once()
    {
        var (id, text) = await _hub.MakeAsync("person:olga", "approver");
        var (_, list, _) = await _hub.CallAsync(HubWithKeys.Key, "GET /v1/keys");
        Assert.That(list.ToString(), Does.Contain(id).And.Not.Contain(text[^20..]));
        var listed = list.GetProperty("items").EnumerateArray().Single(key => key.GetProperty("key_id").GetString() == id);
        Assert.That((listed.GetProperty("created_by").GetString(), listed.GetProperty("state").GetString()), Is.EqualTo(("service:api-key", "active")));

        await _hub.CallAsync(text, "GET /v1/runs");
        await _hub.Services.GetServices<Microsoft.Extensions.Hosting.IHostedService>().OfType<KeyUse>().Single().WriteAsync(CancellationToken.None);
        (_, list, _) = await _hub.CallAsync(HubWithKeys.Key, "GET /v1/keys");
        Assert.That(list.GetProperty("items").EnumerateArray().Single(key => key.GetProperty("key_id").GetString() == id).GetProperty("last_used_at").GetDateTimeOffset(), Is.EqualTo(DateTimeOffset.UtcNow).Within(TimeSpan.FromMinutes(1)));
    }

    [TestCase("anna", null, null, "principal-malformed")]
    [TestCase("service:api-key", "viewer", null, "principal-malformed")]
    [TestCase("person:x", "king", null, "role-unknown")]
    [TestCase("person:x", null, "runs:dance", "scope-unknown")]
    [TestCase("person:nobody", null, null, "scopes-empty")]
    [TestCase("person:narrow", "viewer", "admin", "scopes-empty")]
    public async Task Should_say_why_a_key_is_not_made(string principal, string? role, string? scope, string type)
    {
        var (status, body, _) = await _hub.CallAsync(HubWithKeys.Key, "POST /v1/keys", new { principal, roles = role is null ? null : new[] { role }, scopes = scope is null ? null : new[] { scope } });
        Assert.That((status, body.GetProperty("type").GetString()), Is.EqualTo((400, $"urn:integrationhub:problem:{type}")));
        var (_, list, _) = await _hub.CallAsync(HubWithKeys.Key, "GET /v1/keys");
        Assert.That(list.ToString(), Does.Not.Contain($"\"{principal}\""));
    }

    private Task WriteAsync(Func<HubDbContext, DbSession, Task> write) => _hub.Services.GetRequiredService<IntegrationHub.Hub.Messaging.OutboxTransaction>().RunAsync(
        async (db, _) =>
        {
            await using var session = await DbSession.OpenAsync(db, CancellationToken.None);
            await write(db, session);
        },
        CancellationToken.None);
}
