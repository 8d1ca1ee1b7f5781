using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Tests.Security;
using IntegrationHub.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace IntegrationHub.Hub.Tests.Privacy;

/// <summary>Another hub seals with a key that this one does not have: what is sealed so is not read as nothing, and the answer says what is missing.</summary>
public sealed class When_a_key_of_bodies_is_missing
{
    [Test]
    public async Task Should_say_which()
    {
        await using var hub = await HubWithKeys.StartAsync(StorageDatabase.Sqlite);
        await hub.CallAsync(HubWithKeys.Key, "POST /v1/events", new { event_type = "no_such_type" });
        await hub.Services.GetRequiredService<OutboxTransaction>().RunAsync(
            async (db, _) =>
            {
                await using var session = await DbSession.OpenAsync(db, CancellationToken.None);
                await session.ExecuteAsync("UPDATE quarantined_facts SET body = @body", CancellationToken.None, ("body", "sealed:1:of-another-hub:body"u8.ToArray()));
            },
            CancellationToken.None);

        var (_, listed, _) = await hub.CallAsync(HubWithKeys.Key, "GET /v1/quarantine");
        var (status, problem, answer) = await hub.CallAsync(HubWithKeys.Key, $"GET /v1/quarantine/{listed.GetProperty("items")[0].GetProperty("quarantine_id").GetString()}");
        Assert.That((status, problem.GetProperty("type").GetString(), problem.GetProperty("field").GetString()), Is.EqualTo((503, "urn:integrationhub:problem:encryption-key-missing", "Hub:Encryption:Keys")));
        Assert.That(problem.GetProperty("detail").GetString(), Does.Contain("of-another-hub"));
        Assert.That(answer.Headers.RetryAfter, Is.Not.Null);
    }
}
