using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Hub.Runs;
using IntegrationHub.Hub.Tests.Delivery;
using IntegrationHub.Storage.Ledger;
using Microsoft.Extensions.Logging.Abstractions;

namespace IntegrationHub.Hub.Tests.Runs;

/// <summary>The step Snapshotting.</summary>
public sealed class When_a_snapshot_is_merged_for_a_run : DeliveryFixture
{
    [Test]
    public async Task Should_keep_the_time_of_the_merge_not_of_the_snapshots_creation()
    {
        var audience = Unique("aud");
        var snapshot = await LoadAsync(audience, "full", 0, new StagedMember(2, Unique("p"), null, null, "{}", true));
        Clock.Now = Noon.AddHours(3);
        var step = new ApplySnapshot { RunId = Guid.NewGuid(), Audience = audience, Destination = "acme", SnapshotId = snapshot };
        var bus = new StepBus(Scopes);
        await bus.ConsumeAsync(new ApplySnapshotConsumer(Transactions, Snapshots, Ledger, Clock, NullLogger<ApplySnapshotConsumer>.Instance), step);
        Assert.That(bus.Said<SnapshotApplied>(answer => answer.RunId == step.RunId), Has.Count.EqualTo(1));
        Assert.That(await CountAsync($"SELECT applied_at FROM snapshots WHERE audience = '{audience}'"), Is.EqualTo(Noon.AddHours(3).UtcTicks));
        Assert.That(await CountAsync($"SELECT max(since) FROM memberships WHERE audience = '{audience}'"), Is.EqualTo(Noon.AddHours(3).UtcTicks));
        Assert.That(await CountAsync($"SELECT max(occurred_at) FROM memberships WHERE audience = '{audience}'"), Is.EqualTo(Noon.UtcTicks), "an earlier fact never wins over a later one");
    }
}
