using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.Sandbox;

namespace Connectors.Tests.Conformance;

public abstract partial class ConnectorConformance
{
    [Test]
    public Task Should_do_what_the_operation_says_and_leave_others_alone([Values] Operation operation) => HoldAsync(operation, async () =>
    {
        var connected = Connect();
        var bystanders = await KnownAsync(connected, People(2));
        var trial = await PrepareAsync(connected, operation);
        var before = VendorState.Of(Room);
        Assert.That(trial.Items, Has.None.Matches<BatchItem>(item => trial.IsDone(before, item!)), "Nothing is done beforehand.");

        var outcomes = await DeliverUntilSettledAsync(connected, trial.Batch);

        Assert.That(outcomes.Values, Has.All.Matches<RecordOutcome>(outcome => outcome.Outcome == Outcome.Delivered));
        await SeeDoneAsync(trial);
        var seen = await SettledStateAsync();
        AssertNothingIsDoubled(seen, trial.Items);
        Assert.That(bystanders.Select(person => Told(seen, person)), Is.EqualTo(bystanders.Select(person => Told(before, person))), "Bystanders.");
    });

    [Test]
    public Task Should_leave_the_vendor_as_it_is_when_repeated_exactly_where_it_says_so([Values] Operation operation) => HoldAsync(operation, async () =>
    {
        var connected = Connect();
        var trial = await PrepareAsync(connected, operation);
        var outcomes = await DeliverUntilSettledAsync(connected, trial.Batch);
        await SeeDoneAsync(trial);
        var once = (await SettledStateAsync()).Lines();

        foreach (var items in new[] { trial.Items, Learned(trial.Items, outcomes) })
        {
            var repeated = await DeliverUntilSettledAsync(connected, trial.Batch with { Items = items });
            Assert.That(repeated.Values, Has.All.Matches<RecordOutcome>(outcome => outcome.Outcome is Outcome.Delivered or Outcome.Unchanged));
        }

        var again = (await SettledStateAsync()).Lines();
        Assert.That(again, Descriptor.Operations[operation].RepeatIsHarmless ? Is.EqualTo(once) : Is.Not.EqualTo(once));
    });

    [Test]
    public Task Should_take_a_full_batch_within_its_limits([Values] Operation operation) => HoldAsync(operation, async () =>
    {
        var limits = Descriptor.Operations[operation];
        var gate = new RecordingGate(Descriptor, _settings.BaseUrl);
        var connected = Connect(gate: gate);
        await DeliverUntilSettledAsync(connected, (await PrepareAsync(connected, operation, 1)).Batch);
        var trial = await PrepareAsync(connected, operation, limits.MaxRecords);
        var before = gate.Entered.Count;

        var outcomes = await DeliverUntilSettledAsync(connected, trial.Batch);
        var calls = gate.Entered.Count - before;

        Assert.That(outcomes.Values, Has.All.Matches<RecordOutcome>(outcome => outcome.Outcome == Outcome.Delivered));
        await SeeDoneAsync(trial);
        Assert.Multiple(() =>
        {
            Assert.That(calls, Is.AtMost(limits.CallsPerBatch), $"Calls for a full batch, against {nameof(OperationLimits.CallsPerBatch)}.");
            foreach (var (path, seen) in Room.Stats.Endpoints)
            {
                Assert.That(seen.MaxBytes, Is.AtMost(limits.MaxBytes), $"Bytes in a call of {path}");
                Assert.That(seen.Answers.Keys, Has.None.AnyOf(400, 413, 414), $"Answers of {path}");
            }
        });
    });

    [Test]
    public Task Should_tell_a_consent_that_is_given_from_one_that_is_withdrawn() => HoldAsync(Operation.SetConsent, async () =>
    {
        var connected = Connect();
        var people = await KnownAsync(connected, [.. People(4).Select(WithEmail)]);
        BatchItem[] items = [.. people.Select((person, index) => person with { Fields = [], Consent = Samples.Consent(person, new TopicConsent(words.Topic, index % 2 == 0)) })];
        await DeliverUntilSettledAsync(connected, BatchOf(Operation.SetConsent, null, items));

        await SeeAsync(seen => items.All(item => seen.Find(item.Key)!.Consent.ContainsKey(words.Topic)), "consent was written");
        var held = items.Select(item => VendorState.Of(Room).Find(item.Key)!.Consent[words.Topic]).ToArray();
        Assert.That((held[0], held[1]), Is.EqualTo((held[2], held[3])), "Given twice, withdrawn twice.");
        Assert.That(held[0], Is.Not.EqualTo(held[1]), "Given and withdrawn.");
    });

    [Test]
    public Task Should_opt_a_person_out_of_everything_and_nobody_else() => HoldAsync(Operation.SetConsent, async () =>
    {
        var connected = Connect();
        var people = await KnownAsync(connected, [.. People(2).Select(WithEmail)]);
        var leaving = people[0] with { Fields = [], Consent = Samples.Consent(people[0]) with { MarketingEmail = false } };
        var before = people.Select(person => VendorState.Of(Room).Find(person.Key)!.Consent).ToArray();
        var outcomes = await DeliverUntilSettledAsync(connected, BatchOf(Operation.SetConsent, null, [leaving]));

        Assert.That(outcomes.Values.Single().Outcome, Is.EqualTo(Outcome.Delivered));
        await SeeAsync(seen => !seen.Find(people[0].Key)!.Consent.OrderBy(state => state.Key).SequenceEqual(before[0].OrderBy(state => state.Key)), "the opt-out is kept");
        Assert.That(VendorState.Of(Room).Find(people[1].Key)!.Consent, Is.EquivalentTo(before[1]));
    });

    [TestCase(Operation.SetConsent)]
    [TestCase(Operation.TrackEvent)]
    [TestCase(Operation.ChangeKey)]
    [TestCase(Operation.MergeProfiles)]
    [TestCase(Operation.AddAlias)]
    [TestCase(Operation.IdentifyProfile)]
    [TestCase(Operation.DeleteProfile)]
    public Task Should_not_take_for_done_what_concerns_nobody_the_vendor_knows(Operation operation) => HoldAsync(operation, async () =>
    {
        BatchItem[] strangers = [.. People(3).Select(person => Samples.Asking(operation, person, words))];
        var outcomes = await DeliverAsync(Connect(), BatchOf(operation, null, strangers));
        var seen = await SettledStateAsync();

        foreach (var (item, outcome) in strangers.Select(item => (item, outcomes[item.RecordId])))
        {
            Assert.That(seen.Find(item.Key), Is.Null, "Nobody is made.");
            Assert.That(outcome.Outcome, Is.Not.EqualTo(Outcome.NotSent));
            if (operation == Operation.DeleteProfile)
            {
                Assert.That(outcome.Outcome, Is.EqualTo(Outcome.Unchanged));
            }
            else if (Identities.Contains(operation) || operation == Operation.TrackEvent)
            {
                Assert.That(outcome.Code, Is.EqualTo(ReasonCode.NotFound));
            }
        }

        Assert.That((seen.People.Count, seen.Events.Count), Is.EqualTo((0, 0)));
    });

    [TestCase(Operation.UpsertProfile)]
    [TestCase(Operation.AddMember)]
    public Task Should_create_nobody_when_it_may_only_update(Operation operation) => HoldAsync(operation, async () =>
    {
        var connected = Connect();
        var known = await KnownAsync(connected, People(2));
        var strangers = People(3);
        BatchItem[] changed = [.. known.Select(person => person with { Fields = [new Field(words.TextField, FieldValue.Of("Canary two"))] })];
        var audience = await EnsureAsync(connected);
        var outcomes = await DeliverUntilSettledAsync(connected, BatchOf(operation, audience, [.. strangers, .. changed]) with { UpdateOnly = true });

        await SeeAsync(seen => changed.All(item => DoneBy(operation, audience)(seen, item)), "who is known was written");
        Assert.That(strangers.Select(item => Find(item.Key)), Has.All.Null);
        Assert.That(changed.Select(item => outcomes[item.RecordId].Outcome), Has.All.EqualTo(Outcome.Delivered).Or.EqualTo(Outcome.Unchanged));
        Assert.That(
            strangers.Select(item => (outcomes[item.RecordId].Outcome, outcomes[item.RecordId].Code)),
            Has.All.EqualTo((Outcome.Rejected, ReasonCode.NotFound)).Or.EqualTo((Outcome.Delivered, default(string))), "Told, or kept silent.");
    });

    [Test]
    public Task Should_fail_nothing_for_good_while_the_vendor_fails(
        [Values] Operation operation,
        [Values(FaultKind.Status, FaultKind.Reset, FaultKind.MalformedBody, FaultKind.EmptyBody, FaultKind.UnknownCode, FaultKind.TokenExpiry)] FaultKind kind)
        => HoldAsync(operation, async () =>
        {
            var connected = Connect();
            var trial = await PrepareAsync(connected, operation, 2);
            Room.Faults.Add(new Fault { Kind = kind });
            var struck = await DeliverAsync(connected, trial.Batch);
            Room.Faults.Clear();
            AssertMayGoOn(operation, struck.Values);
            if (kind != FaultKind.TokenExpiry) // with a fresh token the call may go well
            {
                Assert.That(struck.Values, Has.None.Matches<RecordOutcome>(outcome => outcome.Outcome is Outcome.Delivered or Outcome.Unchanged));
            }

            await GoOnAsync(connected, trial, struck);
        });

    /// <summary>The vendor has deleted or merged whom the hub remembers.</summary>
    [Test]
    public Task Should_find_people_again_whose_remote_id_leads_nowhere([Values] Operation operation) => HoldAsync(operation, async () =>
    {
        var connected = Connect();
        var gone = await KnownAsync(connected, People(3));
        await DeliverUntilSettledAsync(connected, BatchOf(Operation.DeleteProfile, null, [.. gone.Select(person => Samples.Asking(Operation.DeleteProfile, person, words))]));
        await SeeAsync(seen => gone.All(person => seen.Find(person.Key) is null), "they are gone");
        var trial = await PrepareAsync(connected, operation, gone.Length);

        var stale = trial.Batch with { Items = [.. trial.Items.Zip(gone, (item, former) => item with { RemoteId = former.RemoteId })] };
        var outcomes = await DeliverUntilSettledAsync(connected, stale);

        Assert.That(outcomes.Values, Has.All.Matches<RecordOutcome>(outcome => outcome.Outcome == Outcome.Delivered));
        await SeeDoneAsync(trial);
        AssertNothingIsDoubled(await SettledStateAsync(), trial.Items);
    });

    [Test]
    public Task Should_do_nothing_once_it_is_canceled([Values] Operation operation) => HoldAsync(operation, async () =>
    {
        var connected = Connect();
        var trial = await PrepareAsync(connected, operation, 2);
        _transport.Clear();
        using var canceled = new CancellationTokenSource();
        await canceled.CancelAsync();
        Assert.That(async () => await connected.DeliverAsync(trial.Batch, canceled.Token), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(_transport.Calls, Is.Zero);
    });

    [Test]
    public Task Should_refuse_to_try_an_operation_that_it_does_not_list([Values] Operation operation)
    {
        if (Descriptor.Operations.ContainsKey(operation))
        {
            return Task.CompletedTask;
        }

        return HoldAsync(() =>
        {
            Assert.That(
                async () => await Connect().DeliverAsync(BatchOf(operation, null, [Samples.Asking(operation, People(1)[0], words)]), CancellationToken.None),
                Throws.InstanceOf<ArgumentException>());
            Assert.That(_transport.Calls, Is.Zero);
            return Task.CompletedTask;
        });
    }

    /// <summary>No record is rejected for what is not its fault, and only what must not be repeated may be ambiguous.</summary>
    private void AssertMayGoOn(Operation operation, IEnumerable<RecordOutcome> outcomes) => Assert.That(
        outcomes, Has.None.Matches<RecordOutcome>(outcome => outcome.Outcome is Outcome.Rejected or Outcome.Accepted
            || (outcome.Outcome == Outcome.Ambiguous && Descriptor.Operations[operation].RepeatIsHarmless)));

    /// <summary>Goes on as the hub does after trouble: repeats all but what is settled or ambiguous, and sees everything done once.</summary>
    private async Task GoOnAsync(IConnector connected, Trial trial, Dictionary<long, RecordOutcome> struck)
    {
        BatchItem[] open = [.. trial.Items.Where(item => struck[item.RecordId].Outcome is Outcome.RetryLater or Outcome.NotSent)];
        if (open.Length > 0)
        {
            var settled = await DeliverUntilSettledAsync(connected, trial.Batch with { Items = open });
            Assert.That(settled.Values, Has.All.Matches<RecordOutcome>(outcome => outcome.Outcome is Outcome.Delivered or Outcome.Unchanged));
        }

        await SeeDoneAsync(trial, trial.Items.Where(item => struck[item.RecordId].Outcome != Outcome.Ambiguous));
        AssertNothingIsDoubled(await SettledStateAsync(), trial.Items);
    }

    private static string Told(VendorState seen, BatchItem person)
        => seen.Find(person.Key) is { } found ? string.Join(' ', found.Fields.Concat(found.Consent).Select(pair => $"{pair.Key}={pair.Value}").Order(StringComparer.Ordinal)) : "nobody";
}
