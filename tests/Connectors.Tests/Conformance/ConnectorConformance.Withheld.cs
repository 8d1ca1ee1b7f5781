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
        var (connected, gate) = Watch();
        var trial = await PrepareAsync(connected, Operation.AddMember, 4);
        var (looks, look, before) = (0, From(2, trial), Writes(gate));
        var receipt = await connected.DeliverAsync(
            trial.Batch with
            {
                LastLook = (records, cancellationToken) =>
                {
                    looks++;
                    return look(records, cancellationToken);
                },
            },
            CancellationToken.None);
        Assert.That(looks, Is.EqualTo(Writes(gate) - before), "a look before every call that writes people");
        if (looks > 1)
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

    /// <summary>While a call is under way no other call writes its people; they are free again with its answer, and not with the end of the batch.</summary>
    [Test]
    public Task Should_say_of_every_call_that_writes_when_it_is_over(
        [Values] Operation operation) => HoldAsync(operation, async () =>
    {
        var (connected, gate) = Watch();
        var trial = await PrepareAsync(connected, operation, 3);
        var before = Writes(gate);
        var (looks, open, most) = (0, new HashSet<IReadOnlyList<long>>(ReferenceEqualityComparer.Instance), 0);
        await connected.DeliverAsync(
            trial.Batch with
            {
                LastLook = (records, _) =>
                {
                    looks++;
                    open.Add(records);
                    most = Math.Max(most, open.Count);
                    return ValueTask.FromResult<IReadOnlySet<long>>(new HashSet<long>());
                },
                CallEnded = records =>
                {
                    open.Remove(records);
                    return ValueTask.CompletedTask;
                },
            },
            CancellationToken.None);
        Assert.That(looks, Is.Positive.And.EqualTo(Writes(gate) - before), "a look before every call that writes people");
        Assert.That((open.Count, most), Is.EqualTo((0, 1)), "one call after the other, and none is left");
    });

    /// <summary>How many calls that write people were admitted so far.</summary>
    private static int Writes(RecordingGate gate) => gate.Entered.Count(endpoint => endpoint.WritesPeople);

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
