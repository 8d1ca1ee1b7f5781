using IntegrationHub.Connectors.Sandbox;
using IntegrationHub.Storage.Runs;

namespace EndToEnd.Tests;

/// <summary>Many records for a vendor with jobs of its own: handed over in one file, followed to its end and to the row.</summary>
[TestFixture]
[Category("Slow")]
[Parallelizable(ParallelScope.Self)]
public sealed class When_a_large_audience_goes_in_bulk
{
    private const int People = 4_000;
    private const string ImportFrom = "--Hub:Destinations:marketo:Settings:import_from=3000";
    private const string ImportPath = "bulk/v1/leads.json";

    [Test]
    public async Task Should_arrive_by_the_vendors_job_and_be_accounted_for_to_the_row()
    {
        var world = new World(People);
        await using var hub = await EmbeddedHub.StartAsync(null, "--Hub:Delivery:Partitions=1", ImportFrom);
        var run = await SyncAsync(hub, world);
        using var sandbox = hub.SandboxClient();
        var members = await VendorState.MembersAsync(sandbox, "marketo");
        var again = await SyncAsync(hub, world);
        Assert.Multiple(() =>
        {
            Assert.That(Imports(hub), Is.EqualTo(1), "one job and no second one");
            Assert.That(members, Is.EquivalentTo(world.ExpectedAt("marketo", withDenied: true)));
            Assert.That(run.Counts.Balances && run.Counts.Pending == 0, Is.True, run.Counts.ToString());
            Assert.That((run.Verification.Missing, run.Verification.Unexpected), Is.EqualTo(((long?)0, (long?)0)));
            Assert.That(again.Counts.Delivered, Is.Zero, "what the job brought is known field by field");
        });
    }

    [Test]
    public async Task Should_try_again_one_batch_at_a_time_what_the_job_did_not_bring_through()
    {
        var world = new World(People);
        await using var hub = await EmbeddedHub.StartAsync(null, "--Hub:Delivery:Partitions=1", ImportFrom);
        hub.Sandbox["marketo"].Faults.Add(new Fault { Kind = FaultKind.RejectRecords, Probability = 0.05 });
        var run = await SyncAsync(hub, world);
        using var sandbox = hub.SandboxClient();
        var members = await VendorState.MembersAsync(sandbox, "marketo");
        Assert.Multiple(() =>
        {
            Assert.That(Imports(hub), Is.EqualTo(1));
            Assert.That(run.Counts.Balances && run.Counts.Pending == 0, Is.True, run.Counts.ToString());
            Assert.That(run.Counts.Rejected, Is.GreaterThan(People / 50), "beside those that cannot be turned, the vendor refused some");
            Assert.That(members, Has.Count.EqualTo(run.Counts.Delivered));
        });
    }

    private static async Task<RunView> SyncAsync(EmbeddedHub hub, World world)
    {
        var snapshot = await hub.LoadAsync(world.Csv());
        return (await hub.FinishAsync(await hub.StartSyncAsync(snapshot.SnapshotId, destinations: "marketo"))).Single();
    }

    private static long Imports(EmbeddedHub hub) => hub.Sandbox["marketo"].Stats.Endpoints.Where(seen => seen.Key.EndsWith(ImportPath, StringComparison.Ordinal)).Sum(seen => seen.Value.Calls);
}
