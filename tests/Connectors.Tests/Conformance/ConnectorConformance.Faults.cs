using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.Sandbox;
using Microsoft.Extensions.Time.Testing;

namespace Connectors.Tests.Conformance;

public abstract partial class ConnectorConformance
{
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(400);

    [TestCase(500)]
    [TestCase(502)]
    [TestCase(503)]
    [TestCase(504)]
    public Task Should_back_off_when_the_vendor_fails(int status) => HoldAsync(async () =>
        await StrikeAsync(new Fault { Kind = FaultKind.Status, Status = status }, (outcomes, condition) =>
        {
            AssertNothingIsFinal(outcomes);
            Assert.That(condition?.Trouble, Is.EqualTo(DestinationTrouble.Unavailable));
        }));

    [TestCase(3.0)]
    [TestCase(null)]
    public Task Should_wait_without_spending_an_attempt_when_it_is_throttled(double? seconds) => HoldAsync(async () =>
    {
        var retryAfter = seconds is { } given ? TimeSpan.FromSeconds(given) : default(TimeSpan?);
        await StrikeAsync(new Fault { Kind = FaultKind.Status, Status = 429, RetryAfter = retryAfter }, (outcomes, condition) =>
        {
            Assert.That(outcomes, Has.All.Matches<RecordOutcome>(outcome => outcome.Outcome == Outcome.NotSent));
            Assert.That(condition?.Trouble, Is.EqualTo(DestinationTrouble.Throttled));
            if (_transport.RetryAfter is { } asked)
            {
                Assert.That(condition!.RetryAfter?.TotalSeconds, Is.EqualTo(asked).Within(0.01), "The wait that the vendor asked for.");
            }
        });
    });

    [Test]
    public Task Should_give_up_on_a_call_that_takes_too_long() => HoldAsync(async () =>
        await StrikeAsync(new Fault { Kind = FaultKind.Timeout }, AssertUnavailable));

    [Test]
    public Task Should_survive_a_broken_connection() => HoldAsync(async () =>
        await StrikeAsync(new Fault { Kind = FaultKind.Reset }, AssertUnavailable));

    [Test]
    public Task Should_not_take_for_delivered_what_was_applied_without_an_answer() => HoldAsync(async () =>
        await StrikeAsync(new Fault { Kind = FaultKind.LostResponse }, AssertUnavailable));

    [Test]
    public Task Should_not_trust_a_body_that_is_cut_off() => HoldAsync(async () =>
        await StrikeAsync(new Fault { Kind = FaultKind.MalformedBody }, (outcomes, _) => AssertNothingIsFinal(outcomes)));

    [Test]
    public Task Should_not_trust_an_empty_body() => HoldAsync(async () =>
        await StrikeAsync(new Fault { Kind = FaultKind.EmptyBody }, (outcomes, _) => AssertNothingIsFinal(outcomes)));

    [Test]
    public Task Should_retry_on_a_code_that_nobody_documented() => HoldAsync(async () =>
        await StrikeAsync(new Fault { Kind = FaultKind.UnknownCode }, (outcomes, _) => AssertNothingIsFinal(outcomes)));

    [Test]
    public Task Should_recover_from_an_expired_token() => HoldAsync(async () =>
        await StrikeAsync(new Fault { Kind = FaultKind.TokenExpiry, Calls = 1 }, (outcomes, condition) =>
        {
            Assert.That(outcomes, Has.None.Matches<RecordOutcome>(outcome => outcome.Outcome == Outcome.Rejected));
            Assert.That(condition?.Trouble, Is.Null.Or.EqualTo(DestinationTrouble.Unauthorized));
        }));

    [Test]
    public Task Should_take_its_time_when_the_vendor_is_slow() => HoldAsync(async () =>
    {
        var connected = Connect();
        var target = await EnsureAsync(connected);
        Room.Faults.Add(new Fault { Kind = FaultKind.Slow, Delay = TimeSpan.FromMilliseconds(50) });
        var items = People(3);
        await DeliverUntilSettledAsync(connected, BatchOf(Operation.AddMember, target, items));
        await AssertMembersAsync(target, items, []);
    });

    [Test]
    public Task Should_reject_only_the_record_that_the_vendor_refuses() => HoldAsync(async () =>
    {
        var connected = Connect();
        var target = await EnsureAsync(connected);
        var items = People(6);
        Room.Faults.Add(new Fault { Kind = FaultKind.RejectRecords, Keys = [items[2].Key, items[5].Key] });
        var outcomes = await DeliverUntilSettledAsync(connected, BatchOf(Operation.AddMember, target, items));

        Assert.That(
            items.Where(item => outcomes[item.RecordId].Outcome == Outcome.Rejected).Select(item => item.Key),
            Is.EquivalentTo(new[] { items[2].Key, items[5].Key }));
        await AssertMembersAsync(target, [items[0], items[1], items[3], items[4]], [items[2], items[5]]);
    });

    [Test]
    public Task Should_reject_a_record_that_is_alone_and_refused() => HoldAsync(async () =>
    {
        var connected = Connect();
        var target = await EnsureAsync(connected);
        var items = People(1);
        Room.Faults.Add(new Fault { Kind = FaultKind.RejectRecords, Keys = [items[0].Key] });
        var outcomes = await DeliverUntilSettledAsync(connected, BatchOf(Operation.AddMember, target, items));
        Assert.That(outcomes[items[0].RecordId].Outcome, Is.EqualTo(Outcome.Rejected));
    });

    [Test]
    public Task Should_send_nothing_once_it_is_canceled() => HoldAsync(async () =>
    {
        var connected = Connect();
        var target = await EnsureAsync(connected);
        _transport.Clear();
        using var canceled = new CancellationTokenSource();
        await canceled.CancelAsync();
        Assert.That(
            async () => await connected.DeliverAsync(BatchOf(Operation.AddMember, target, People(2)), canceled.Token),
            Throws.InstanceOf<OperationCanceledException>());
        Assert.That(Room.Vendor.People(), Is.Empty);
    });

    [Test]
    public Task Should_stop_waiting_when_it_is_canceled() => HoldAsync(async () =>
    {
        var connected = Connect();
        var target = await EnsureAsync(connected);
        Room.Faults.Add(new Fault { Kind = FaultKind.Timeout });
        _transport.Clear();
        using var cancellation = new CancellationTokenSource();
        var delivery = connected.DeliverAsync(BatchOf(Operation.AddMember, target, People(2)), cancellation.Token);
        await Poll.UntilAsync(() => _transport.Uris.Any(), "the call is under way");
        await cancellation.CancelAsync();
        Assert.That(
            async () => await delivery.WaitAsync(Poll.Patience), Throws.InstanceOf<OperationCanceledException>());
    });

    [Test]
    public Task Should_say_what_is_wrong_when_members_cannot_be_read() => HoldAsync(async () =>
    {
        var connected = Connect();
        var target = await EnsureAsync(connected);
        var items = People(2);
        var outcomes = await DeliverUntilSettledAsync(connected, BatchOf(Operation.AddMember, target, items));
        foreach (var read in WaysToReadMembers(connected, target, items, outcomes))
        {
            foreach (var fault in new[] { new Fault { Kind = FaultKind.Status }, new Fault { Kind = FaultKind.Reset }, new Fault { Kind = FaultKind.MalformedBody } })
            {
                Room.Faults.Clear();
                Room.Faults.Add(fault);
                var thrown = await Assert.ThrowsAsync<DestinationException>(async () => await read(), $"{fault.Kind}");
                Assert.That(thrown!.Condition.Trouble, Is.EqualTo(DestinationTrouble.Unavailable));
                Assert.That(thrown.ToString(), Does.Not.Contain(Canary).IgnoreCase);
            }

            Room.Faults.Clear();
            Room.Faults.Add(new Fault { Kind = FaultKind.Status, Status = 429 });
            var throttled = await Assert.ThrowsAsync<DestinationException>(async () => await read());
            Assert.That(throttled!.Condition.Trouble, Is.EqualTo(DestinationTrouble.Throttled));
            Room.Faults.Clear();
        }
    });

    [Test]
    public Task Should_answer_with_a_condition_when_it_cannot_check() => HoldAsync(async () =>
    {
        var connected = Connect(timeout: Patience);
        foreach (var fault in new[] { new Fault { Kind = FaultKind.Status }, new Fault { Kind = FaultKind.Timeout }, new Fault { Kind = FaultKind.Reset } })
        {
            Room.Faults.Clear();
            Room.Faults.Add(fault);
            Assert.That((await connected.CheckAsync(CancellationToken.None))?.Trouble, Is.EqualTo(DestinationTrouble.Unavailable), $"{fault.Kind}");
        }
    });

    private static void AssertUnavailable(IReadOnlyCollection<RecordOutcome> outcomes, DestinationCondition? condition)
    {
        AssertNothingIsFinal(outcomes);
        Assert.That(condition?.Trouble, Is.EqualTo(DestinationTrouble.Unavailable));
    }

    private static void AssertNothingIsFinal(IReadOnlyCollection<RecordOutcome> outcomes)
        => Assert.That(outcomes, Has.All.Matches<RecordOutcome>(outcome => outcome.Outcome is Outcome.RetryLater or Outcome.NotSent));

    /// <summary>For each operation: strikes every call of it, holds the outcomes to what they must be, then ends the fault and sees everything recover.</summary>
    private async Task StrikeAsync(Fault fault, Action<IReadOnlyCollection<RecordOutcome>, DestinationCondition?> hold)
    {
        var connected = Connect();
        var clock = fault.Kind == FaultKind.Timeout ? new FakeTimeProvider(TimeProvider.System.GetUtcNow()) : null;
        var struck = Connect(timeout: clock is null ? null : Patience, time: clock);
        var target = await EnsureAsync(connected);
        Assert.That(await struck.CheckAsync(CancellationToken.None), Is.Null);
        var (items, staying) = (People(4), People(2));
        var outcomes = await DeliverUntilSettledAsync(connected, BatchOf(Operation.AddMember, target, [.. items, .. staying]));
        await AssertMembersAsync(target, [.. items, .. staying], []);

        var known = Learned(items, outcomes);
        await StrikeAsync(struck, clock, fault, hold, BatchOf(Operation.AddMember, target, People(4)));
        await StrikeAsync(struck, clock, fault, hold, BatchOf(Operation.UpsertProfile, null, known));
        await StrikeAsync(struck, clock, fault, hold, BatchOf(Operation.RemoveMember, target, WithoutFields(known)));
        await AssertMembersAsync(target, staying, known);
    }

    /// <summary>Lets the time of calls run out that the vendor keeps waiting: on a clock of its own, which stands still whenever a call may be answered.</summary>
    private static Task OutwaitAsync(Task delivery, FakeTimeProvider? clock) => clock is null ? Task.CompletedTask : Poll.UntilAsync(
        () =>
        {
            clock.Advance(Patience);
            return delivery.IsCompleted;
        }, "the vendor's silence to be outwaited");

    private async Task StrikeAsync(
        IConnector struck, FakeTimeProvider? clock, Fault fault, Action<IReadOnlyCollection<RecordOutcome>, DestinationCondition?> hold, Batch batch)
    {
        Room.Faults.Add(fault);
        DestinationCondition? condition = null;
        var delivery = DeliverAsync(struck, batch, receipt => condition = receipt.Condition);
        await OutwaitAsync(delivery, clock);
        var outcomes = await delivery;
        hold(outcomes.Values, condition);
        Room.Faults.Clear();
        await DeliverUntilSettledAsync(struck, batch);
        if (batch.Operation == Operation.AddMember)
        {
            await AssertMembersAsync(batch.Audience!, batch.Items, []);
        }
    }
}
