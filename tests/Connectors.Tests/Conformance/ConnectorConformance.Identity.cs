using System.Text.Json;
using IntegrationHub.Connectors.Abstractions;

namespace Connectors.Tests.Conformance;

public abstract partial class ConnectorConformance
{
    [Test]
    public Task Should_keep_fields_and_memberships_when_a_key_changes() => HoldAsync(Operation.ChangeKey, async () =>
    {
        var connected = Connect();
        var target = await EnsureAsync(connected);
        var people = await KnownAsync(connected, People(3), target);
        BatchItem[] items = [.. people.Select(person => Samples.Asking(Operation.ChangeKey, person, words))];
        var outcomes = await DeliverUntilSettledAsync(connected, BatchOf(Operation.ChangeKey, null, items));

        Assert.That(outcomes.Values, Has.All.Matches<RecordOutcome>(outcome => outcome.Outcome == Outcome.Delivered));
        await SeeAsync(seen => items.All(item => seen.Find(item.Identity!.NewKey!) is not null), "the new keys are there");
        var seen = await SettledStateAsync();
        Assert.That(seen.People, Has.Count.EqualTo(people.Length), "No second profile.");
        Assert.That(items.Select(item => FieldOf(seen.Find(item.Identity!.NewKey!))), Is.EqualTo(people.Select(person => person.Fields[0].Value.Text)));
        Assert.That(items.Select(item => seen.Find(item.Identity!.NewKey!)!.Memberships), Has.All.Contains(target.RemoteRef));
    });

    [Test]
    public Task Should_find_a_changed_key_unchanged_by_a_repeat() => HoldAsync(Operation.ChangeKey, async () =>
    {
        var connected = Connect();
        var trial = await PrepareAsync(connected, Operation.ChangeKey);
        await DeliverUntilSettledAsync(connected, trial.Batch);
        await SeeDoneAsync(trial);
        var repeated = await DeliverAsync(connected, trial.Batch);
        Assert.That(repeated.Values, Has.All.Matches<RecordOutcome>(outcome => outcome.Outcome == Outcome.Unchanged));
    });

    [Test]
    public Task Should_not_give_a_person_the_key_of_another() => HoldAsync(Operation.ChangeKey, async () =>
    {
        var connected = Connect();
        var people = await KnownAsync(connected, People(2));
        var taken = people[0] with { Fields = [], Identity = new IdentityChange { NewKey = people[1].Key } };
        var outcomes = await DeliverUntilSettledAsync(connected, BatchOf(Operation.ChangeKey, null, [taken]));

        Assert.That(outcomes.Values.Single().Outcome, Is.EqualTo(Outcome.Rejected));
        var seen = await SettledStateAsync();
        Assert.That(people.Select(person => FieldOf(seen.Find(person.Key))), Is.EqualTo(people.Select(person => person.Fields[0].Value.Text)));
    });

    [Test]
    public Task Should_keep_what_the_staying_person_has_when_two_are_joined() => HoldAsync(Operation.MergeProfiles, async () =>
    {
        var connected = Connect();
        var trial = await PrepareAsync(connected, Operation.MergeProfiles, 3);
        var before = trial.Items.Select(item => FieldOf(VendorState.Of(Room).Find(item.Key))).ToArray();
        await DeliverUntilSettledAsync(connected, trial.Batch);
        await SeeDoneAsync(trial);
        Assert.That(trial.Items.Select(item => FieldOf(VendorState.Of(Room).Find(item.Key))), Is.EqualTo(before));

        var repeated = await DeliverAsync(connected, trial.Batch);
        Assert.That(repeated.Values, Has.All.Matches<RecordOutcome>(outcome => outcome.Outcome == Outcome.Unchanged), "A repeat.");
    });

    [Test]
    public Task Should_prove_an_erasure_by_reading_back() => HoldAsync(Operation.DeleteProfile, async () =>
    {
        var connected = Connect();
        var staying = await KnownAsync(connected, People(1));
        var trial = await PrepareAsync(connected, Operation.DeleteProfile, 3);
        string[] keys = [.. trial.Items.Concat(staying).Select(item => item.Key)];
        Assert.That((await ReadAsync(connected, keys)).Select(profile => profile.Key), Is.EquivalentTo(keys), "Everybody is there before.");

        await DeliverUntilSettledAsync(connected, trial.Batch);

        await SeeDoneAsync(trial);
        Assert.That((await ReadAsync(connected, keys)).Select(profile => profile.Key), Is.EqualTo(staying.Select(item => item.Key)));
        var repeated = await DeliverAsync(connected, trial.Batch);
        Assert.That(repeated.Values, Has.All.Matches<RecordOutcome>(outcome => outcome.Outcome == Outcome.Unchanged), "A repeat.");
    });

    [Test]
    public Task Should_find_by_the_vendors_id_whose_key_was_changed_there() => HoldAsync(Operation.ChangeKey, async () =>
    {
        var connected = Connect();
        var people = await KnownAsync(connected, People(2));
        if (people[0].RemoteId is not { } id)
        {
            Assert.That(connected, Is.Not.InstanceOf<IRecordLookup>(), "It gives no ids that somebody could be found by.");
            return;
        }

        var changed = Samples.Asking(Operation.ChangeKey, people[0], words);
        await DeliverUntilSettledAsync(connected, BatchOf(Operation.ChangeKey, null, [changed]));
        await SeeAsync(seen => seen.Find(changed.Identity!.NewKey!) is not null, "the new key is there");
        var found = await ((IRecordLookup)connected).FindRecordsAsync([id, people[1].RemoteId!, "999999999"], CancellationToken.None);
        Assert.That(found.Select(profile => (profile.RemoteId, profile.Key)), Is.EquivalentTo(new[] { ((string?)id, changed.Identity!.NewKey), (people[1].RemoteId, people[1].Key) }));
    });

    [Test]
    public Task Should_read_profiles_back_as_the_vendor_holds_them() => HoldAsync(async () =>
    {
        var connected = Connect();
        var (known, strangers) = (await KnownAsync(connected, People(5)), People(2));
        var read = await ReadAsync(connected, [.. known.Concat(strangers).Select(person => person.Key)]);

        Assert.That(read.Select(profile => profile.Key), Is.EquivalentTo(known.Select(person => person.Key)), "One profile for each, none for strangers.");
        foreach (var profile in read)
        {
            var person = known.Single(one => one.Key == profile.Key);
            Assert.That(JsonSerializer.Deserialize<string>(profile.Fields[words.TextField]), Is.EqualTo(person.Fields[0].Value.Text));
            Assert.That(person.RemoteId is null || profile.RemoteId == person.RemoteId, Is.True, "The remote id that was learned.");
        }
    });

    [Test]
    public Task Should_tell_fields_that_the_vendor_lacks() => HoldAsync(async () =>
    {
        if (Connect() is not IFieldInspection inspection)
        {
            return;
        }

        var before = VendorState.Of(Room).Lines();
        var findings = await inspection.InspectAsync([new(words.TextField, FieldKind.Text), new("noSuchField", FieldKind.Text)], CancellationToken.None);
        Assert.That(findings.Select(finding => (finding.Name, finding.Code)), Is.EqualTo(words.WritesMakeFields ? [] : new[] { ("noSuchField", "field_missing") }));
        Assert.That(findings, Has.All.Matches<FieldFinding>(finding => finding!.Problem != "" && finding.Fix != ""));
        Assert.That(VendorState.Of(Room).Lines(), Is.EqualTo(before));
    });

    private async Task<List<RemoteProfile>> ReadAsync(IConnector connected, IReadOnlyList<string> keys)
    {
        var reading = (IProfileReading)connected;
        var profiles = new List<RemoteProfile>();
        foreach (var some in keys.Chunk(reading.MaxKeysPerRead))
        {
            profiles.AddRange(await reading.ReadProfilesAsync(some, [words.TextField], CancellationToken.None));
        }

        return profiles;
    }
}
