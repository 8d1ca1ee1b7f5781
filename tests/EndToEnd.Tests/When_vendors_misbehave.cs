using IntegrationHub.Connectors.Sandbox;

namespace EndToEnd.Tests;

/// <summary>Every fault at one vendor: right outcomes in the end, no loss, no duplicate member, the other destinations unharmed.</summary>
[TestFixture("braze")]
[TestFixture("hubspot")]
[TestFixture("marketo")]
[Category("Slow")]
[Parallelizable(ParallelScope.Self)]
public sealed class When_vendors_misbehave(string vendor)
{
    private const int People = 600;

    private static IEnumerable<TestCaseData> Faults()
    {
        (string Name, Fault Fault)[] faults =
        [
            ("429 with Retry-After", new Fault { Kind = FaultKind.Status, Status = 429, RetryAfter = TimeSpan.FromSeconds(1), Calls = 3 }),
            ("429 without Retry-After", new Fault { Kind = FaultKind.Status, Status = 429, Calls = 1 }),
            ("500", new Fault { Kind = FaultKind.Status, Status = 500, Calls = 4 }),
            ("503", new Fault { Kind = FaultKind.Status, Status = 503, Probability = 0.4, Calls = 10 }),
            ("connection reset", new Fault { Kind = FaultKind.Reset, Probability = 0.4, Calls = 10 }),
            ("response lost after apply", new Fault { Kind = FaultKind.LostResponse, Probability = 0.4, Calls = 10 }),
            ("malformed body", new Fault { Kind = FaultKind.MalformedBody, Probability = 0.4, Calls = 10 }),
            ("empty body", new Fault { Kind = FaultKind.EmptyBody, Probability = 0.4, Calls = 10 }),
            ("token expiry", new Fault { Kind = FaultKind.TokenExpiry, Calls = 1 }),
            ("unknown code", new Fault { Kind = FaultKind.UnknownCode, Calls = 2 }),
        ];
        return faults.Select(fault => new TestCaseData(fault.Fault).SetArgDisplayNames(fault.Name));
    }

    [TestCaseSource(nameof(Faults))]
    public async Task Should_end_with_the_right_members_and_leave_the_others_unharmed(Fault fault)
    {
        var world = new World(People);
        await using var hub = await EmbeddedHub.StartAsync();
        hub.Sandbox[vendor].Faults.Add(fault);
        var runs = await hub.SyncAsync((await hub.LoadAsync(world.Csv())).SnapshotId);
        using var sandbox = hub.SandboxClient();
        foreach (var run in runs)
        {
            Assert.Multiple(() =>
            {
                Assert.That(run.Counts.Balances && run.Counts.Pending == 0, Is.True, $"{run.Destination}: {run.Counts}");
                Assert.That(run.Counts.DeadLettered, Is.Zero, $"{run.Destination}: {run.Counts}");
                Assert.That((run.Verification.Missing, run.Verification.Unexpected), Is.EqualTo(((long?)0, (long?)0)), run.Destination);
            });
            var members = await VendorState.MembersAsync(sandbox, run.Destination);
            Assert.That(members, Has.Count.EqualTo(run.Counts.Delivered + run.Counts.Unchanged), run.Destination);
        }
    }

    [Test]
    public async Task Should_reject_only_the_records_that_the_vendor_rejects()
    {
        var world = new World(People);
        await using var hub = await EmbeddedHub.StartAsync();
        hub.Sandbox[vendor].Faults.Add(new Fault { Kind = FaultKind.RejectRecords, Probability = 0.1 });
        var runs = await hub.SyncAsync((await hub.LoadAsync(world.Csv())).SnapshotId);
        var hit = runs.Single(run => run.Destination == vendor);
        var unharmed = runs.Where(run => run.Destination != vendor);
        Assert.Multiple(() =>
        {
            Assert.That(hit.Counts.Rejected + hit.Counts.DeadLettered, Is.InRange(People / 40, People / 4), hit.Counts.ToString());
            Assert.That(hit.Counts.Balances, Is.True);
            Assert.That(hit.State, Is.EqualTo("CompletedWithIssues"));
            Assert.That(unharmed.Select(run => run.Counts.DeadLettered), Is.All.Zero);
        });
    }
}
