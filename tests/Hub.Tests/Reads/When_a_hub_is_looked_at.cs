using IntegrationHub.Hub.Tests.Security;
using IntegrationHub.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace IntegrationHub.Hub.Tests.Reads;

/// <summary>Whoever looks at a whole hub takes no connection from what is delivered.</summary>
public sealed class When_a_hub_is_looked_at
{
    [Test]
    public async Task Should_read_on_connections_of_their_own()
    {
        await using var hub = await HubWithKeys.StartAsync(StorageDatabase.Postgres);
        await hub.CallAsync(HubWithKeys.Key, "GET /v1/runs");
        await using var scope = hub.Services.CreateAsyncScope();
        await using var session = await DbSession.OpenAsync(scope.ServiceProvider.GetRequiredService<HubDbContext>(), CancellationToken.None);
        var seen = await session.ReadAsync(
            "SELECT query FROM pg_stat_activity WHERE datname = current_database() AND application_name LIKE '%-reads'", row => row.GetString(0), CancellationToken.None);
        Assert.That(seen, Has.Count.InRange(1, 10));
    }
}
