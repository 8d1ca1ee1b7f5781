using IntegrationHub.Connectors.Sandbox;

namespace EndToEnd.Tests;

/// <summary>One answer in five is faulty, in every way, at every vendor at once.</summary>
[TestFixture]
[Category("Slow")]
[Parallelizable(ParallelScope.Self)]
public sealed class When_a_storm_of_faults_rages
{
    private const int People = 1_200;

    [Test]
    public async Task Should_end_with_exactly_the_desired_members_but_for_what_a_dead_letter_explains()
    {
        var world = new World(People);
        await using var hub = await EmbeddedHub.StartAsync(null, "--Hub:Delivery:MaxAttempts=20");
        foreach (var vendor in World.Destinations)
        {
            foreach (var fault in Storm.Faults())
            {
                hub.Sandbox[vendor].Faults.Add(fault);
            }
        }

        var runs = await hub.SyncAsync((await hub.LoadAsync(world.Csv())).SnapshotId);
        foreach (var vendor in World.Destinations)
        {
            hub.Sandbox[vendor].Faults.Clear();
        }

        using var sandbox = hub.SandboxClient();
        foreach (var run in runs)
        {
            var members = await VendorState.MembersAsync(sandbox, run.Destination);
            var desired = world.ExpectedAt(run.Destination, withDenied: true);
            Assert.Multiple(() =>
            {
                Assert.That(run.Counts.Balances && run.Counts.Pending == 0, Is.True, $"{run.Destination}: {run.Counts}");
                Assert.That(members.IsSubsetOf(desired), Is.True, $"{run.Destination}: nobody else");
                Assert.That(desired.Except(members).Count(), Is.EqualTo(run.Counts.DeadLettered), $"{run.Destination}: {run.Counts}");
                Assert.That(hub.Sandbox[run.Destination].Vendor.Duplicates, Is.Zero, run.Destination);
                Assert.That((run.Verification.Missing, run.Verification.Unexpected), Is.EqualTo(((long?)0, (long?)0)), run.Destination);
            });
        }
    }
}
