using Hub.Tests;
using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Contracts.Deliveries;
using IntegrationHub.Hub.Delivery;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Deliveries;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace IntegrationHub.Hub.Tests.Delivery;

public sealed class When_the_sweeper_looks() : DrainFixture(StorageDatabase.Sqlite)
{
    [Test]
    public async Task Should_ring_for_due_work_that_nobody_answers()
    {
        await SweepAsync();
        Assert.That(Rung(), Is.EqualTo(new[] { (Lane.Bulk, 0) }));
    }

    [Test]
    public async Task Should_leave_alone_what_somebody_works_on()
    {
        await LeaseAsync(destination: Name);
        await SweepAsync();
        Assert.That(Rung(), Is.Empty);
    }

    [Test]
    public async Task Should_ring_for_withdrawals_each_time_and_for_a_run_not_at_once_again()
    {
        await DenyAsync(People[0]);
        using var sweeper = Sweeper();
        await sweeper.SweepAsync(CancellationToken.None);
        await sweeper.SweepAsync(CancellationToken.None);
        Assert.That(Rung(), Is.EquivalentTo(new[] { (Lane.Bulk, 0), (Lane.Urgent, 0), (Lane.Urgent, 0) }));
    }

    [Test]
    public async Task Should_look_at_the_vendor_job_of_a_run_that_was_canceled()
    {
        Options.Bulk = true;
        await DrainAsync();
        await WriteAsync(db => Deliveries.CancelAsync(db, Run, 100, Noon, CancellationToken.None));
        await SetStateAsync(Run, "Canceled");
        await SweepAsync();
        Assert.That(Rung(), Is.Empty, "it is not time yet");
        Clock.Now += AcmeConnector.Limits.PollInterval;
        await SweepAsync();
        Assert.That(Rung(), Is.EqualTo(new[] { (Lane.Bulk, 0) }));
    }

    [Test]
    public async Task Should_say_again_that_a_run_is_delivered()
    {
        var lease = await LeaseAsync(destination: Name);
        await SettleAsync(lease, (await ReadAsync(db => Deliveries.ClaimAsync(db, lease, Clock.Now, 100, CancellationToken.None))).Select(Delivered));
        await SweepAsync();
        Assert.That(await Harness.Published.Any<AudienceSyncDelivered>(said => said.Context.Message.RunId == Run), Is.True);
    }

    /// <summary>A bus or a driver that gives up says so as a cancellation, too: a hub whose sweeper ended would be a hub that ends.</summary>
    [TestCase(typeof(InvalidOperationException))]
    [TestCase(typeof(TaskCanceledException))]
    public async Task Should_go_on_after_whatever_goes_wrong(Type fault)
    {
        var time = new FakeTimeProvider();
        var stumbling = new StumblingScopes(Scopes, stumbles: 1, (Exception)Activator.CreateInstance(fault)!);
        using var sweeper = Sweeper(new OutboxTransaction(stumbling), time);
        await sweeper.StartAsync(CancellationToken.None);
        await time.Until(() => stumbling.Healed.IsCompleted || sweeper.ExecuteTask!.IsCompleted, "the next look");
        Assert.That(sweeper.ExecuteTask!.IsCompleted, Is.False);
        await sweeper.StopAsync(CancellationToken.None);
    }

    private DoorbellSweeper Sweeper(OutboxTransaction? transactions = null, TimeProvider? time = null) =>
        new(transactions ?? Transactions, Deliveries, Health(), Doorbell, Microsoft.Extensions.Options.Options.Create(Options), time ?? Clock, NullLogger<DoorbellSweeper>.Instance);

    private async Task SweepAsync()
    {
        using var sweeper = Sweeper();
        await sweeper.SweepAsync(CancellationToken.None);
    }

    private List<(string, int)> Rung() =>
        [.. Harness.Sent.Select<DeliveryDue>().Select(sent => sent.Context.Message).Where(due => due.Destination == Name).Select(due => (due.Lane, due.Partition))];
}
