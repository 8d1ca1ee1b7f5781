using IntegrationHub.Contracts.Audiences;

namespace EndToEnd.Tests;

/// <summary>Braze answers before it applies what it was told.</summary>
[Category("Slow")]
[Parallelizable(ParallelScope.Self)]
public sealed class When_a_vendor_applies_later
{
    [Test]
    public async Task Should_be_over_when_the_vendor_shows_what_was_written()
    {
        var world = new World(40);
        await using var hub = await EmbeddedHub.StartAsync();
        using var sandbox = hub.SandboxClient();
        await hub.SyncAsync((await hub.LoadAsync(world.Csv())).SnapshotId);
        var before = await ChildrenAsync(sandbox);

        hub.Sandbox["braze"].Knobs.ApplyDelay = TimeSpan.FromSeconds(2);
        world.Change(new Random(1));
        var run = (await hub.FinishAsync(await hub.StartSyncAsync((await hub.LoadAsync(world.Csv())).SnapshotId, SyncMode.Full, "braze"))).Single();

        Assert.That(await ChildrenAsync(sandbox), Is.EqualTo((before + 1) % 6), "as soon as the run is over");
        Assert.That((run.Verification.FieldsRead > 0, run.Verification.Differing), Is.EqualTo((true, (long?)0)));
    }

    private static async Task<int> ChildrenAsync(HttpClient sandbox) => (await VendorState.FieldsAsync(sandbox, "braze", World.ExternalId(10))).GetProperty("total_children").GetInt32();
}
