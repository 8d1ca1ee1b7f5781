using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.Sandbox;

namespace Connectors.Tests.Conformance;

public abstract partial class ConnectorConformance
{
    [Test]
    public Task Should_follow_a_job_to_its_end([Values] Operation operation) => HoldBulkAsync(operation, async (bulk, connected) =>
    {
        var trial = await PrepareAsync(connected, operation, 40);
        var receipt = await FollowAsync(bulk, await StartAsync(bulk, trial.Batch), trial.Batch);

        Assert.That(receipt.Outcomes, Has.All.Matches<RecordOutcome>(outcome => outcome.Outcome is Outcome.Delivered or Outcome.Unchanged));
        await SeeDoneAsync(trial);
    });

    [Test]
    public Task Should_fail_only_the_bad_rows_of_a_job([Values] Operation operation) => HoldBulkAsync(operation, async (bulk, connected) =>
    {
        var trial = await PrepareAsync(connected, operation, 20);
        string[] bad = [trial.Items[3].Key, trial.Items[11].Key];
        Room.Faults.Add(new Fault { Kind = FaultKind.RejectRecords, Keys = bad });
        var outcomes = (await FollowAsync(bulk, await StartAsync(bulk, trial.Batch), trial.Batch)).Outcomes.ToDictionary(outcome => outcome.RecordId);

        var failed = trial.Items.Where(item => outcomes[item.RecordId].Outcome is not (Outcome.Delivered or Outcome.Unchanged)).ToArray();
        Assert.That(failed.Select(item => item.Key), Is.EquivalentTo(bad));
        await SeeDoneAsync(trial, trial.Items.Except(failed));
        var seen = await SettledStateAsync();
        Assert.That(failed, Has.None.Matches<BatchItem>(item => trial.IsDone(seen, item!)));

        BatchItem[] again = [.. failed.Where(item => outcomes[item.RecordId].Outcome == Outcome.RetryLater)];
        var settled = again.Length == 0 ? [] : await DeliverUntilSettledAsync(connected, trial.Batch with { Items = again });
        Assert.That(settled.Values, Has.All.Matches<RecordOutcome>(outcome => outcome.Outcome == Outcome.Rejected), "The call for single records tells why.");
    });

    [Test]
    public Task Should_try_again_when_a_job_has_vanished([Values] Operation operation) => HoldBulkAsync(operation, async (bulk, connected) =>
    {
        var trial = await PrepareAsync(connected, operation, 5);
        var job = await StartAsync(bulk, trial.Batch);
        Room.Vendor.Reset();
        var receipt = await FollowAsync(bulk, job, trial.Batch);
        Assert.That(receipt.Outcomes, Has.All.Matches<RecordOutcome>(outcome => outcome is { Outcome: Outcome.RetryLater, Code: not null }));
    });

    [Test]
    public Task Should_do_once_what_was_handed_over_twice([Values] Operation operation) => HoldBulkAsync(operation, async (bulk, connected) =>
    {
        var trial = await PrepareAsync(connected, operation, 5);
        foreach (var job in new[] { await StartAsync(bulk, trial.Batch), await StartAgainAsync(bulk, trial.Batch) })
        {
            await FollowAsync(bulk, job, trial.Batch);
        }

        await SeeDoneAsync(trial);
        AssertNothingIsDoubled(await SettledStateAsync(), trial.Items);
    });

    [Test]
    public Task Should_hold_a_job_back_at_the_gate([Values] Operation operation) => HoldBulkAsync(operation, async (_, connected) =>
    {
        var trial = await PrepareAsync(connected, operation, 5);
        var (watched, gate) = Watch();
        var bulk = (IBulkDelivery)watched;
        await FollowAsync(bulk, await StartAsync(bulk, trial.Batch), trial.Batch);
        AssertInOrder(gate);

        gate.Refuse = static _ => DayIsOver;
        _transport.Clear();
        var start = await bulk.StartBulkAsync(trial.Batch, CancellationToken.None);
        AssertNotStarted(trial.Batch, start, DayIsOver);
        Assert.That((await Assert.ThrowsAsync<DestinationException>(async () => await bulk.FollowBulkAsync("1", trial.Batch, CancellationToken.None)))!.Condition, Is.EqualTo(DayIsOver));
        Assert.That((_transport.Calls, gate.Open), Is.EqualTo((0, 0)));
    });

    [Test]
    public Task Should_lose_no_job_while_the_vendor_fails([Values] Operation operation) => HoldBulkAsync(operation, async (bulk, connected) =>
    {
        var trial = await PrepareAsync(connected, operation, 5);
        var job = await StartAsync(bulk, trial.Batch);
        Room.Faults.Add(new Fault { Kind = FaultKind.Status });
        var thrown = await Assert.ThrowsAsync<DestinationException>(async () => await bulk.FollowBulkAsync(job, trial.Batch, CancellationToken.None));
        Assert.That(thrown!.Condition.Trouble, Is.EqualTo(DestinationTrouble.Unavailable));
        var start = await bulk.StartBulkAsync(trial.Batch, CancellationToken.None);
        Assert.That((start.Job, start.Receipt?.Condition?.Trouble), Is.EqualTo((default(string), DestinationTrouble.Unavailable)));
        AssertMayGoOn(operation, start.Receipt!.Outcomes);

        Room.Faults.Clear();
        await FollowAsync(bulk, job, trial.Batch);
        await SeeDoneAsync(trial);
    });

    private Task HoldBulkAsync(Operation operation, Func<IBulkDelivery, IConnector, Task> check, [System.Runtime.CompilerServices.CallerMemberName] string name = "")
    {
        var connected = Connect();
        if (connected is not IBulkDelivery bulk || !bulk.BulkOperations.ContainsKey(operation))
        {
            return Task.CompletedTask;
        }

        return HoldAsync(() => check(bulk, connected), name);
    }

    private static async Task<string> StartAsync(IBulkDelivery bulk, Batch batch)
    {
        var start = await bulk.StartBulkAsync(batch, CancellationToken.None);
        Assert.That(start.Receipt, Is.Null, "The job started.");
        return start.Job!;
    }

    /// <summary>Some vendors take no second job for an audience while the first one runs.</summary>
    private static async Task<string> StartAgainAsync(IBulkDelivery bulk, Batch batch)
    {
        BulkStart? start = null;
        await Poll.UntilAsync(async () => (start = await bulk.StartBulkAsync(batch, CancellationToken.None)).Job is not null, "the job starts a second time");
        return start!.Job!;
    }

    private static async Task<Receipt> FollowAsync(IBulkDelivery bulk, string job, Batch batch)
    {
        Receipt? receipt = null;
        await Poll.UntilAsync(async () => (receipt = await bulk.FollowBulkAsync(job, batch, CancellationToken.None)) is not null, "the job ends");
        Assert.That(receipt!.Outcomes.Select(outcome => outcome.RecordId), Is.EquivalentTo(batch.Items.Select(item => item.RecordId)), "One outcome per record.");
        return receipt;
    }

    private static void AssertNotStarted(Batch batch, BulkStart start, DestinationCondition condition) => Assert.Multiple(() =>
    {
        Assert.That(start.Job, Is.Null);
        Assert.That(start.Receipt?.Condition, Is.EqualTo(condition));
        Assert.That(start.Receipt?.Outcomes.Select(outcome => outcome.RecordId), Is.EquivalentTo(batch.Items.Select(item => item.RecordId)));
        Assert.That(start.Receipt?.Outcomes, Has.All.Matches<RecordOutcome>(outcome => outcome.Outcome == Outcome.NotSent));
    });
}
