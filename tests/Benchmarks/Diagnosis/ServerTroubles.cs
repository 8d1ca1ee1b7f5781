using System.Diagnostics;
using IntegrationHub.Hub.Diagnosis;
using IntegrationHub.TestServers;

namespace IntegrationHub.Benchmarks.Diagnosis;

/// <summary>A broker that takes nothing, one that is away, and a database that is away.</summary>
internal static class ServerTroubles
{
    public static async Task PlayAsync(StuckStage stage)
    {
        var (hub, sightings) = (stage.Hub, stage.Sightings);
        await stage.RabbitMq.AlarmAsync(isFull: true);
        var since = Stopwatch.StartNew();
        await stage.StartRunsAsync(StuckStage.People, "braze");
        var named = await sightings.OfAsync(hub, since, (DiagnosisCode.OutboxWaits, "outbox"));
        await sightings.FollowAsync(hub, named[0]);
        since.Restart();
        await stage.RabbitMq.AlarmAsync(isFull: false);
        await sightings.OverAsync(hub, since, DiagnosisCode.OutboxWaits, "outbox");

        since.Restart();
        await stage.RabbitMq.StopAsync();
        await sightings.OfAsync(hub, since, (DiagnosisCode.BrokerUnreachable, null));
        await stage.CallDoorAsync("evt_3");
        await Poll.Until(async () => await stage.ExecuteAsync("SELECT 1 FROM webhook_receipts WHERE state = 'waiting'") is null, "facts to be made of a webhook's call without the broker");
        await stage.RabbitMq.RestartAsync();
        since.Restart();
        await sightings.OverAsync(hub, since, DiagnosisCode.BrokerUnreachable, null);

        since.Restart();
        await stage.Postgres.StopAsync();
        await sightings.OfAsync(hub, since, (DiagnosisCode.DatabaseUnreachable, null));
        await stage.Postgres.RestartAsync();
        since.Restart();
        await sightings.OverAsync(hub, since, DiagnosisCode.DatabaseUnreachable, null);
    }
}
