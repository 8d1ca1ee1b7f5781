using Microsoft.Extensions.Time.Testing;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.Sandbox;

namespace Connectors.Tests.Conformance;

public abstract partial class ConnectorConformance
{
    private static readonly DestinationCondition DayIsOver = new(DestinationTrouble.Throttled, "daily_quota_used_up", TimeSpan.FromHours(3));

    [Test]
    public Task Should_enter_the_gate_once_for_every_call([Values] Operation operation) => HoldAsync(operation, async () =>
    {
        var (connected, gate) = Watch();
        var trial = await PrepareAsync(connected, operation);
        await DeliverUntilSettledAsync(connected, trial.Batch);
        AssertInOrder(gate);
    });

    [Test]
    public Task Should_enter_the_gate_to_check_to_find_audiences_and_to_read() => HoldAsync(async () =>
    {
        var (connected, gate) = Watch();
        Assert.That(await connected.CheckAsync(CancellationToken.None), Is.Null);
        var target = await EnsureAsync(connected);
        var items = People(3);
        var outcomes = await DeliverUntilSettledAsync(connected, BatchOf(Operation.AddMember, target, items));
        await ReadMembersAsync(connected, target, items, outcomes);
        await ReadAsync(connected, [.. items.Select(item => item.Key)]);
        if (connected is IFieldInspection inspection)
        {
            await inspection.InspectAsync([new(words.TextField, FieldKind.Text)], CancellationToken.None);
        }

        AssertInOrder(gate);
    });

    [Test]
    public Task Should_give_its_permits_back_whatever_comes(
        [Values] Operation operation, [Values(FaultKind.Status, FaultKind.Reset, FaultKind.MalformedBody, FaultKind.LostResponse)] FaultKind kind)
        => HoldAsync(operation, async () =>
        {
            var (connected, gate) = Watch();
            var trial = await PrepareAsync(connected, operation, 2);
            Room.Faults.Add(new Fault { Kind = kind });
            await DeliverAsync(connected, trial.Batch);
            AssertInOrder(gate);
        });

    [TestCase(true)]
    [TestCase(false)]
    public Task Should_give_its_permit_back_when_nobody_answers(bool isCanceled) => HoldAsync(async () =>
    {
        var gate = new RecordingGate(Descriptor, _settings.BaseUrl);
        var connected = Connect(timeout: isCanceled ? Poll.Patience : Patience, gate: gate);
        await connected.CheckAsync(CancellationToken.None);
        Room.Faults.Add(new Fault { Kind = FaultKind.Timeout });
        _transport.Clear();
        using var cancellation = new CancellationTokenSource();
        var delivery = connected.DeliverAsync(BatchOf(Operation.UpsertProfile, null, People(2)), cancellation.Token);
        if (isCanceled)
        {
            await Poll.UntilAsync(() => _transport.Calls > 0, "the call is under way");
            await cancellation.CancelAsync();
            Assert.That(async () => await delivery, Throws.InstanceOf<OperationCanceledException>());
        }

        await delivery.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        Assert.That(gate.Open, Is.Zero);
    });

    [Test]
    public Task Should_call_nobody_when_the_gate_refuses([Values] Operation operation) => HoldAsync(operation, async () =>
    {
        var trial = await PrepareAsync(Connect(), operation);
        var gate = new RecordingGate(Descriptor, _settings.BaseUrl) { Refuse = static _ => DayIsOver };
        var before = (await SettledStateAsync()).Lines();
        _transport.Clear();
        var outcomes = await DeliverAsync(Connect(gate: gate), trial.Batch, receipt => Assert.That(receipt.Condition, Is.EqualTo(DayIsOver)));

        Assert.That(outcomes.Values, Has.All.Matches<RecordOutcome>(outcome => outcome is { Outcome: Outcome.NotSent, Code: "daily_quota_used_up" }));
        Assert.That((_transport.Calls, gate.Open), Is.EqualTo((0, 0)));
        Assert.That(VendorState.Of(Room).Lines(), Is.EqualTo(before));
    });

    /// <summary>Lets one call more through in each round, until the operation needs no further one.</summary>
    [Test]
    public Task Should_stop_where_the_gate_closes_and_go_on_later([Values] Operation operation) => HoldAsync(operation, async () =>
    {
        for (var admitted = 1; admitted < ManyCalls; admitted++)
        {
            var trial = await PrepareAsync(Connect(), operation, 3);
            var most = admitted;
            var gate = new RecordingGate(Descriptor, _settings.BaseUrl) { Refuse = entered => entered < most ? null : DayIsOver };
            var connected = Connect(gate: gate);
            _transport.Clear();
            _transport.Sending = (request, _) => gate.Sending(request);
            DestinationCondition? condition = null;
            var struck = await DeliverAsync(connected, trial.Batch, receipt => condition = receipt.Condition);
            _transport.Sending = null;
            AssertInOrder(gate);
            AssertMayGoOn(operation, struck.Values);
            gate.Refuse = static _ => null;
            await GoOnAsync(Connect(), trial, struck);
            if (gate.Entered.Count <= admitted)
            {
                return;
            }

            Assert.That(condition, Is.EqualTo(DayIsOver));
            Assert.That(struck.Values, Has.None.Matches<RecordOutcome>(outcome => outcome.Outcome == Outcome.Ambiguous), "Nothing was lost.");
        }

        Assert.Fail($"More than {ManyCalls} calls for three records.");
    });

    [Test]
    public Task Should_read_and_check_nothing_when_the_gate_refuses() => HoldAsync(async () =>
    {
        var target = await EnsureAsync(Connect());
        var items = People(1);
        _transport.Clear();
        var connected = Connect(gate: new RecordingGate(Descriptor, _settings.BaseUrl) { Refuse = static _ => DayIsOver });

        Assert.That(await connected.CheckAsync(CancellationToken.None), Is.EqualTo(DayIsOver));
        Assert.That((await connected.EnsureAudienceAsync(new AudienceRequest("other", "Other"), CancellationToken.None)).Condition, Is.Null.Or.EqualTo(DayIsOver));
        foreach (var read in WaysToReadMembers(connected, target, items, []).Append<Func<Task>>(() => ReadAsync(connected, [items[0].Key])))
        {
            Assert.That((await Assert.ThrowsAsync<DestinationException>(async () => await read()))!.Condition, Is.EqualTo(DayIsOver));
        }

        Assert.That(_transport.Calls, Is.Zero);
    });

    [Test]
    public Task Should_report_a_refused_call_for_a_limit_that_it_declares([Values] Operation operation) => HoldAsync(operation, async () =>
    {
        var (connected, gate) = Watch();
        var trial = await PrepareAsync(connected, operation, 2);
        Room.Faults.Add(new Fault { Kind = FaultKind.Status, Status = 429, RetryAfter = TimeSpan.FromSeconds(3) });
        var outcomes = await DeliverAsync(connected, trial.Batch, receipt => Assert.That(receipt.Condition?.Trouble, Is.EqualTo(DestinationTrouble.Throttled)));

        Assert.That(outcomes.Values, Has.All.Matches<RecordOutcome>(outcome => outcome.Outcome == Outcome.NotSent), "Being throttled costs no attempt.");
        var refused = gate.Readings.Where(told => told.Reading.Refused).ToArray();
        Assert.That(refused, Is.Not.Empty);
        foreach (var (endpoint, reading) in gate.Readings)
        {
            Assert.That(Descriptor.RateLimits.SingleOrDefault(limit => limit.Name == reading.Limit)?.Covers(endpoint), Is.True, $"The limit {reading.Limit} covers {endpoint.Path}.");
            if (reading.Refused && _transport.RetryAfter is { } asked)
            {
                Assert.That(reading.ResetsIn?.TotalSeconds, Is.EqualTo(asked).Within(0.01), "A refusal lasts as long as the vendor says.");
            }
        }
    });

    [Test]
    public Task Should_not_count_the_wait_at_the_gate_as_time_of_the_call() => HoldAsync(async () =>
    {
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        var gate = new RecordingGate(Descriptor, _settings.BaseUrl) { WhileHeld = () => clock.Advance(Patience * 2) };
        var outcomes = await DeliverAsync(Connect(timeout: Patience, gate: gate, time: clock), BatchOf(Operation.UpsertProfile, null, People(2)));
        Assert.That(outcomes.Values, Has.All.Matches<RecordOutcome>(outcome => outcome.Outcome == Outcome.Delivered));
    });

    private (IConnector Connected, RecordingGate Gate) Watch()
    {
        var gate = new RecordingGate(Descriptor, _settings.BaseUrl);
        _transport.Sending = (request, _) => gate.Sending(request);
        return (Connect(gate: gate), gate);
    }

    private static void AssertInOrder(RecordingGate gate) => Assert.Multiple(() =>
    {
        Assert.That(gate.Faults, Is.Empty);
        Assert.That(gate.Entered, Is.Not.Empty);
        Assert.That(gate.Open, Is.Zero, "Permits that were not given back.");
    });
}
