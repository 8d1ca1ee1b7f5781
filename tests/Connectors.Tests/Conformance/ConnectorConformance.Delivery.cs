using System.Text.Json.Nodes;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.Sandbox;

namespace Connectors.Tests.Conformance;

public abstract partial class ConnectorConformance
{
    [Test]
    public Task Should_make_people_members_with_their_fields() => HoldAsync(async () =>
    {
        var connected = Connect();
        var target = await EnsureAsync(connected);
        var items = People(7);
        var outcomes = await DeliverUntilSettledAsync(connected, BatchOf(Operation.AddMember, target, items));

        Assert.That(outcomes.Values, Has.All.Matches<RecordOutcome>(outcome => outcome.Outcome is Outcome.Delivered or Outcome.Unchanged));
        await AssertMembersAsync(target, items, []);
        Assert.That(items.Select(item => FieldOf(item.Key)), Is.EqualTo(items.Select(item => item.Fields[0].Value.Text)));
    });

    [Test]
    public Task Should_write_changed_fields_without_changing_memberships() => HoldAsync(async () =>
    {
        var connected = Connect();
        var target = await EnsureAsync(connected);
        var (members, others) = (People(3), People(3));
        var outcomes = await DeliverUntilSettledAsync(connected, BatchOf(Operation.AddMember, target, members));
        await AssertMembersAsync(target, members, others);

        BatchItem[] changed = [.. Learned(members, outcomes).Concat(others).Select(item => item with { Fields = [new Field(words.TextField, FieldValue.Of("Canary two"))] })];
        await DeliverUntilSettledAsync(connected, BatchOf(Operation.UpsertProfile, null, changed));

        await Poll.UntilAsync(() => changed.All(item => FieldOf(item.Key) == "Canary two"), "the new values are there");
        await AssertMembersAsync(target, members, others);
    });

    [TestCase(true)]
    [TestCase(false)]
    public Task Should_end_memberships_and_keep_the_people(bool withRemoteIds) => HoldAsync(async () =>
    {
        var connected = Connect();
        var target = await EnsureAsync(connected);
        var items = People(6);
        var outcomes = await DeliverUntilSettledAsync(connected, BatchOf(Operation.AddMember, target, items));
        await AssertMembersAsync(target, items, []);

        var leaving = WithoutFields(withRemoteIds ? Learned(items[..4], outcomes) : items[..4]);
        await DeliverUntilSettledAsync(connected, BatchOf(Operation.RemoveMember, target, leaving));

        await AssertMembersAsync(target, items[4..], leaving);
        Assert.That(items.Select(item => FieldOf(item.Key)), Is.EqualTo(items.Select(item => item.Fields[0].Value.Text)), "Fields stay.");
    });

    [Test]
    public Task Should_create_nobody_by_ending_a_membership() => HoldAsync(async () =>
    {
        var connected = Connect();
        var target = await EnsureAsync(connected);
        var (known, strangers) = (People(1), People(2));
        await DeliverUntilSettledAsync(connected, BatchOf(Operation.AddMember, target, known));
        await AssertMembersAsync(target, known, strangers);

        var outcomes = await DeliverUntilSettledAsync(connected, BatchOf(Operation.RemoveMember, target, WithoutFields([.. known, .. strangers])));

        Assert.That(outcomes.Values, Has.All.Matches<RecordOutcome>(outcome => outcome.Outcome is Outcome.Delivered or Outcome.Unchanged));
        await AssertMembersAsync(target, [], known);
        Assert.That(strangers.Select(item => Find(item.Key)), Has.All.Null);
    });

    [Test]
    public Task Should_leave_the_vendor_as_it_is_when_repeated() => HoldAsync(async () =>
    {
        var connected = Connect();
        var target = await EnsureAsync(connected);
        Assert.That(await EnsureAsync(connected), Is.EqualTo(target), "The same audience again.");
        var items = People(5);
        for (var round = 0; round < 3; round++)
        {
            await DeliverUntilSettledAsync(connected, BatchOf(Operation.AddMember, target, items));
        }

        await AssertMembersAsync(target, items, []);
        for (var round = 0; round < 2; round++)
        {
            await DeliverUntilSettledAsync(connected, BatchOf(Operation.RemoveMember, target, WithoutFields(items)));
        }

        await AssertMembersAsync(target, [], items);
        Assert.That(Room.Vendor.People().Count(), Is.EqualTo(items.Length));
    });

    [Test]
    public Task Should_read_back_exactly_the_members() => HoldAsync(async () =>
    {
        var connected = Connect();
        var target = await EnsureAsync(connected);
        var (members, left, others) = (People(60), People(3), People(3));
        var outcomes = await DeliverUntilSettledAsync(connected, BatchOf(Operation.AddMember, target, members));
        foreach (var (id, outcome) in await DeliverUntilSettledAsync(connected, BatchOf(Operation.AddMember, target, left)))
        {
            outcomes[id] = outcome;
        }

        await AssertMembersAsync(target, [.. members, .. left], others);
        await DeliverUntilSettledAsync(connected, BatchOf(Operation.RemoveMember, target, WithoutFields(left)));
        foreach (var (id, outcome) in await DeliverUntilSettledAsync(connected, BatchOf(Operation.UpsertProfile, null, others)))
        {
            outcomes[id] = outcome;
        }

        BatchItem[] everybody = [.. members, .. left, .. others, .. People(2)];
        var expected = members.Select(item => item.Key).ToHashSet();
        await Poll.UntilAsync(async () => (await ReadMembersAsync(connected, target, everybody, outcomes)).TrueForAll(expected.SetEquals), "exactly the members are read back");
    });

    [TestCase(Operation.AddMember)]
    [TestCase(Operation.UpsertProfile)]
    [TestCase(Operation.RemoveMember)]
    public Task Should_never_exceed_the_limits_it_declares(Operation operation) => HoldAsync(async () =>
    {
        var limits = Descriptor.Operations[operation];
        var connected = Connect();
        var target = await EnsureAsync(connected);
        var small = People(limits.MaxRecords);
        await DeliverUntilSettledAsync(connected, BatchOf(operation, target, operation == Operation.RemoveMember ? WithoutFields(small) : small));

        var text = FieldValue.Of(new string('x', Math.Max(1, limits.MaxBytes / limits.MaxRecords * 2)));
        var large = People(limits.MaxRecords).Select(item => item with { Fields = [new Field(words.TextField, text)] }).ToArray();
        await DeliverAsync(connected, BatchOf(operation, target, operation == Operation.RemoveMember ? WithoutFields(large) : large));

        Assert.Multiple(() =>
        {
            foreach (var (path, seen) in Room.Stats.Endpoints)
            {
                Assert.That(seen.MaxRecords, Is.AtMost(limits.MaxRecords), $"Records in a call of {path}");
                Assert.That(seen.MaxBytes, Is.AtMost(limits.MaxBytes), $"Bytes in a call of {path}");
                Assert.That(seen.Answers.Keys, Has.None.EqualTo(413), $"Answers of {path}");
            }
        });
    });

    [Test]
    public Task Should_reject_a_record_that_is_larger_than_a_request() => HoldAsync(async () =>
    {
        var connected = Connect();
        var target = await EnsureAsync(connected);
        var items = People(3);
        items[1] = items[1] with { Fields = [new Field(words.TextField, FieldValue.Of(new string('x', Descriptor.Operations[Operation.AddMember].MaxBytes)))] };
        var outcomes = await DeliverUntilSettledAsync(connected, BatchOf(Operation.AddMember, target, items));

        Assert.That(outcomes[items[1].RecordId].Outcome, Is.EqualTo(Outcome.Rejected));
        await AssertMembersAsync(target, [items[0], items[2]], [items[1]]);
    });

    [Test]
    public Task Should_keep_to_its_concurrency_with_batches_in_flight() => HoldAsync(async () =>
    {
        var connected = Connect();
        var target = await EnsureAsync(connected);
        Room.Faults.Add(new Fault { Kind = FaultKind.Slow, Delay = TimeSpan.FromMilliseconds(30) });
        var batches = Enumerable.Range(0, Descriptor.MaxConcurrency).Select(_ => People(5)).ToArray();
        await Task.WhenAll(batches.Select(items => DeliverUntilSettledAsync(connected, BatchOf(Operation.AddMember, target, items))));

        Assert.That(Room.Stats.MaxConcurrency, Is.AtMost(Descriptor.MaxConcurrency));
        await AssertMembersAsync(target, batches.SelectMany(items => items), []);
    });

    [Test]
    public Task Should_match_answers_by_key_and_not_by_position() => HoldAsync(async () =>
    {
        var connected = Connect();
        var target = await EnsureAsync(connected);
        var items = People(5);
        var before = await DeliverUntilSettledAsync(connected, BatchOf(Operation.AddMember, target, items));
        await AssertMembersAsync(target, items, []);
        Room.Faults.Add(new Fault { Kind = FaultKind.RejectRecords, Keys = [items[1].Key] });
        _transport.Rewrite = Everywhere(Reverse);
        var after = await DeliverAsync(connected, BatchOf(Operation.AddMember, target, items));

        foreach (var item in items.Where(item => after[item.RecordId].Outcome is Outcome.Delivered or Outcome.Unchanged))
        {
            Assert.That(item, Is.Not.EqualTo(items[1]), "The refused record is not delivered.");
            Assert.That(after[item.RecordId].RemoteId, Is.EqualTo(before[item.RecordId].RemoteId).Or.Null);
        }
    });

    [Test]
    public Task Should_not_take_for_delivered_what_the_answer_leaves_out() => HoldAsync(async () =>
    {
        var connected = Connect();
        var target = await EnsureAsync(connected);
        _transport.Rewrite = Everywhere(DropLast);
        var outcomes = await DeliverAsync(connected, BatchOf(Operation.AddMember, target, People(5)));

        if (_transport.Rewritten > 0)
        {
            Assert.That(outcomes.Values.Count(outcome => outcome.Outcome is Outcome.RetryLater), Is.Positive);
            Assert.That(outcomes.Values, Has.None.Matches<RecordOutcome>(outcome => outcome.Outcome is Outcome.Rejected));
        }
    });

    [Test]
    public Task Should_survive_an_answer_that_names_a_record_twice() => HoldAsync(async () =>
    {
        var connected = Connect();
        var target = await EnsureAsync(connected);
        _transport.Rewrite = Everywhere(RepeatFirst);
        await DeliverAsync(connected, BatchOf(Operation.AddMember, target, People(5)));
    });

    private static Func<JsonNode, bool> Everywhere(Action<JsonArray> change) => body =>
    {
        var results = Results(body).ToList();
        results.ForEach(change);
        return results.Count > 0;
    };

    /// <summary>The arrays of an answer that hold one object per record.</summary>
    private static IEnumerable<JsonArray> Results(JsonNode body) => body is JsonObject answer
        ? answer.Where(property => property.Key is "results" or "result" or "errors").Select(property => property.Value).OfType<JsonArray>()
            .Where(array => array.Count > 1 && array.All(item => item is JsonObject))
        : [];

    private static void Reverse(JsonArray array)
    {
        var items = array.Reverse().ToArray();
        array.Clear();
        foreach (var item in items)
        {
            array.Add(item);
        }
    }

    private static void DropLast(JsonArray array) => array.RemoveAt(array.Count - 1);

    private static void RepeatFirst(JsonArray array) => array.Add(array[0]!.DeepClone());
}
