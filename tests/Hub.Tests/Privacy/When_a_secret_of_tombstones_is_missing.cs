using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Tests.Security;
using IntegrationHub.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace IntegrationHub.Hub.Tests.Privacy;

/// <summary>A hub that lacks a secret that another hub of its database has cannot tell who was erased: it takes nothing in, decides about nobody, and says what it lacks.</summary>
[TestFixture(StorageDatabase.Postgres)]
[TestFixture(StorageDatabase.Sqlite)]
public sealed class When_a_secret_of_tombstones_is_missing(StorageDatabase database)
{
    private const string Fact = """{"event_id":"0190a5d2-7c11-7abc-8def-0000000000a1","event_type":"profile_updated","occurred_at":"2026-11-20T10:00:00Z","producer":"shop","subject":{"external_id":"c-1"},"payload":{"attributes":{}}}""";
    private HubWithKeys _hub = null!;

    [OneTimeSetUp]
    public async Task Start() => _hub = await HubWithKeys.StartAsync(database);

    [OneTimeTearDown]
    public async Task Stop() => await _hub.DisposeAsync();

    [Test]
    public async Task Should_take_nothing_in_until_it_has_it()
    {
        await ExecuteAsync("INSERT INTO tombstone_keys (key_version) VALUES ('of-another-hub')");
        foreach (var (route, body) in new (string, object)[]
        {
            ("POST /v1/events", System.Text.Json.JsonElement.Parse(Fact)),
            ("POST /v1/policy/check", new { purpose = "email_marketing", subject = new { external_id = "c-1" } }),
            ("POST /v1/consents/show", new { subject = new { external_id = "c-1" } }),
        })
        {
            var (status, problem, answer) = await _hub.CallAsync(HubWithKeys.Key, route, body);
            Assert.That((status, problem.GetProperty("type").GetString()), Is.EqualTo((503, "urn:integrationhub:problem:tombstone-secret-missing")), route);
            Assert.That(problem.GetProperty("detail").GetString(), Does.Contain("of-another-hub").And.Contain("Hub:TombstoneKeys"));
            Assert.That(answer.Headers.RetryAfter, Is.Not.Null, route);
        }

        await ExecuteAsync("DELETE FROM tombstone_keys");
        Assert.That((await _hub.CallAsync(HubWithKeys.Key, "POST /v1/events", System.Text.Json.JsonElement.Parse(Fact))).Status, Is.EqualTo(202));
    }

    private Task ExecuteAsync(string sql) => _hub.Services.GetRequiredService<OutboxTransaction>().RunAsync(
        async (db, _) =>
        {
            await using var session = await DbSession.OpenAsync(db, CancellationToken.None);
            await session.ExecuteAsync(sql, CancellationToken.None);
        },
        CancellationToken.None);
}
