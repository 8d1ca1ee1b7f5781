using System.Text.Json;
using Hub.Tests.Configuration;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Tests.Security;
using IntegrationHub.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace IntegrationHub.Hub.Tests.Destinations;

/// <summary>Somebody has looked at the vendor for a field of which nobody knew whether it was written: who, why and what stand in the audit log. Over real HTTP.</summary>
[TestFixture(StorageDatabase.Sqlite)]
[TestFixture(StorageDatabase.Postgres)]
[NonParallelizable]
public sealed class When_a_doubtful_field_is_settled(StorageDatabase database)
{
    private const string Settle = "POST /v1/destinations/braze/settle";

    private ConfigurationFixture _configuration = null!;
    private HubWithKeys _hub = null!;
    private long _profile;

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _configuration = new ConfigurationFixture().Replace("mappings/braze.yaml", "    to: last_name\n", "    to: last_name\n    mutability: write_once\n");
        _hub = await HubWithKeys.StartAsync(database, null, null, $"--Hub:ConfigPath={_configuration.Folder}");
        var fact = new { event_id = Guid.NewGuid(), event_type = "profile_updated", occurred_at = "2026-11-20T10:00:00Z", producer = "shop", subject = new { external_id = "c-17" }, payload = new { attributes = new { last_name = "Jones" } } };
        Assert.That((await _hub.CallAsync(HubWithKeys.Key, "POST /v1/events", fact)).Status, Is.EqualTo(200).Or.EqualTo(202));
        _profile = await ScalarAsync("SELECT profile_id FROM profiles WHERE external_id = 'c-17'");
    }

    [OneTimeTearDown]
    public async Task StopAsync()
    {
        await _hub.DisposeAsync();
        _configuration.Dispose();
    }

    [TestCase("written", 1)]
    [TestCase("not-written", 0)]
    public async Task Should_end_the_doubt_and_say_who_saw_what(string verdict, int marks)
    {
        await DoubtAsync();
        var body = new { key = "c-17", field = "last_name", @as = verdict, reason = "looked at the person there" };
        var (status, told, _) = await _hub.CallAsync(HubWithKeys.Key, Settle, body);
        Assert.That((status, told.ToString()), Is.EqualTo((200, $$"""{"destination":"braze","field":"last_name","as":"{{verdict}}","owed":{{(marks == 0 ? "true" : "false")}}}""")));
        Assert.That((await ScalarAsync("SELECT count(*) FROM written_fields WHERE written_at IS NOT NULL"), await ScalarAsync("SELECT count(*) FROM written_fields")), Is.EqualTo(((long)marks, (long)marks)));

        var entry = (await _hub.CallAsync(HubWithKeys.Key, "GET /v1/audit?action=destination.settle")).Body.GetProperty("items")[0];
        Assert.That((entry.GetProperty("subject").GetString(), entry.GetProperty("reason").GetString()), Is.EqualTo(("destination:braze", $"last_name of profile {_profile} is {verdict}: looked at the person there")));
        var (again, problem, _) = await _hub.CallAsync(HubWithKeys.Key, Settle, body);
        Assert.That((again, problem.GetProperty("field").GetString()), Is.EqualTo((409, "field")), "nobody doubts it any more");
    }

    [TestCase("{}", 400, "reason")]
    [TestCase("""{"reason":"seen"}""", 400, "key")]
    [TestCase("""{"reason":"seen","key":"c-17"}""", 400, "field")]
    [TestCase("""{"reason":"seen","key":"c-17","field":"first_name","as":"written"}""", 400, "field")]
    [TestCase("""{"reason":"seen","key":"c-17","field":"last_name","as":"perhaps"}""", 400, "as")]
    [TestCase("""{"reason":"seen","key":"nobody","field":"last_name","as":"written"}""", 404, "key")]
    public async Task Should_say_what_is_missing(string body, int expected, string field)
    {
        await DoubtAsync();
        var (status, problem, _) = await _hub.CallAsync(HubWithKeys.Key, Settle, JsonElement.Parse(body));
        Assert.That((status, problem.GetProperty("field").GetString()), Is.EqualTo((expected, field)), problem.ToString());
        Assert.That(await ScalarAsync("SELECT count(*) FROM written_fields WHERE written_at IS NULL"), Is.EqualTo(1));
    }

    [TestCase("operator", "hubspot", 400)]
    [TestCase("operator", "nowhere", 404)]
    [TestCase("viewer", "braze", 403)]
    public async Task Should_be_for_those_who_may_settle_letters_too(string role, string destination, int expected)
    {
        var (_, key) = await _hub.MakeAsync($"person:{role}-{destination}", role);
        var (status, problem, _) = await _hub.CallAsync(key, $"POST /v1/destinations/{destination}/settle", new { key = "c-17", field = "last_name", @as = "written", reason = "seen" });
        Assert.That(status, Is.EqualTo(expected), problem.ToString());
    }

    private Task DoubtAsync() => Transactions.RunAsync(
        async (db, _) =>
        {
            await using var session = await DbSession.OpenAsync(db, CancellationToken.None);
            await session.ExecuteAsync("DELETE FROM written_fields", CancellationToken.None);
            return await session.ExecuteAsync("INSERT INTO written_fields (destination, profile_id, field, offered_hash) VALUES ('braze', @id, 'last_name', 'another')", CancellationToken.None, ("id", _profile));
        },
        CancellationToken.None);

    private Task<long> ScalarAsync(string sql) => Transactions.ReadAsync(async db =>
    {
        await using var session = await DbSession.OpenAsync(db, CancellationToken.None);
        return Convert.ToInt64(await session.ScalarAsync(sql, CancellationToken.None), System.Globalization.CultureInfo.InvariantCulture);
    });

    private OutboxTransaction Transactions => _hub.Services.GetRequiredService<OutboxTransaction>();
}
