using IntegrationHub.Connectors.Abstractions;

namespace Connectors.Tests.Conformance;

public abstract partial class ConnectorConformance
{
    private const int Withdrawn = 1;

    [Test]
    public Task Should_send_nobody_who_may_not_be_sent_any_more_when_the_call_is_admitted(
        [Values(Operation.UpsertProfile, Operation.AddMember, Operation.TrackEvent)] Operation operation) => HoldAsync(operation, async () =>
    {
        var (connected, gate) = Watch();
        var trial = await PrepareAsync(connected, operation, 4);
        var receipt = await connected.DeliverAsync(trial.Batch with { LastLook = From(1, trial) }, CancellationToken.None);

        AssertWithheld(trial, receipt);
        await SeeDoneAsync(trial, trial.Items.Where((_, place) => place != Withdrawn));
        Assert.That(trial.IsDone(await SettledStateAsync(), trial.Items[Withdrawn]), Is.False);
        AssertInOrder(gate);
    });

    [Test]
    public Task Should_make_nobody_a_member_who_may_not_be_sent_any_more_after_the_first_call() => HoldAsync(Operation.AddMember, async () =>
    {
        var connected = Connect();
        var trial = await PrepareAsync(connected, Operation.AddMember, 4);
        var receipt = await connected.DeliverAsync(trial.Batch with { LastLook = From(2, trial) }, CancellationToken.None);
        if (receipt.Outcomes.Any(outcome => outcome.Outcome == Outcome.Withheld))
        {
            AssertWithheld(trial, receipt);
            Assert.That(trial.IsDone(await SettledStateAsync(), trial.Items[Withdrawn]), Is.False);
        }

        await SeeDoneAsync(trial, trial.Items.Where((_, place) => place != Withdrawn));
    });

    [Test]
    public Task Should_call_nobody_when_all_are_withheld() => HoldAsync(Operation.UpsertProfile, async () =>
    {
        var connected = Connect();
        var trial = await PrepareAsync(connected, Operation.UpsertProfile, 3);
        _transport.Clear();
        var receipt = await connected.DeliverAsync(
            trial.Batch with { LastLook = static (records, _) => ValueTask.FromResult<IReadOnlySet<long>>(records.ToHashSet()) }, CancellationToken.None);
        Assert.That(receipt.Outcomes.Select(outcome => outcome.Outcome), Is.All.EqualTo(Outcome.Withheld).And.Exactly(3).Items);
        Assert.That(trial.Items, Has.None.Matches<BatchItem>(item => trial.IsDone(SettledStateAsync().GetAwaiter().GetResult(), item!)));
    });

    /// <summary>One person may not be sent from the given look on.</summary>
    private static LastLook From(int first, Trial trial)
    {
        var looks = 0;
        return (records, _) => ValueTask.FromResult<IReadOnlySet<long>>(
            ++looks < first ? new HashSet<long>() : records.Where(record => record == trial.Items[Withdrawn].RecordId).ToHashSet());
    }

    private static void AssertWithheld(Trial trial, Receipt receipt) => Assert.That(
        receipt.Outcomes.OrderBy(outcome => outcome.RecordId).Select(outcome => (outcome.RecordId, outcome.Outcome == Outcome.Withheld)),
        Is.EqualTo(trial.Items.OrderBy(item => item.RecordId).Select(item => (item.RecordId, item.RecordId == trial.Items[Withdrawn].RecordId))));
}
