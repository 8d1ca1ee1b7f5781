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
        var small = operation == Operation.RemoveMember ? await KnownAsync(connected, People(limits.MaxRecords), target) : People(limits.MaxRecords);
        await DeliverUntilSettledAsync(connected, BatchOf(operation, target, operation == Operation.RemoveMember ? WithoutFields(small) : small));

        var fields = Large(Math.Max(1, limits.MaxBytes / limits.MaxRecords * 2));
        var large = People(limits.MaxRecords).Select(item => item with { Fields = fields }).ToArray();
        await DeliverAsync(connected, BatchOf(operation, target, operation == Operation.RemoveMember ? WithoutFields(large) : large));

        Assert.Multiple(() =>
        {
            Assert.That(Room.Stats.Endpoints.Values.Max(seen => seen.MaxRecords), Is.GreaterThan(limits.MaxRecords / 2), "The limit of records was tried.");
            if (operation != Operation.RemoveMember)
            {
                Assert.That(Room.Stats.Endpoints.Values.Max(seen => seen.MaxBytes), Is.GreaterThan(limits.MaxBytes / 8), "The limit of bytes was tried.");
            }

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
        items[1] = items[1] with { Fields = Large(Descriptor.Operations[Operation.AddMember].MaxBytes) };
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
        var refused = items[..2];
        Room.Faults.Add(new Fault { Kind = FaultKind.RejectRecords, Keys = [.. refused.Select(item => item.Key)] });
        _transport.Rewrite = Everywhere(Reverse);
        var after = await DeliverAsync(connected, BatchOf(Operation.AddMember, target, items));

        var delivered = items.Where(item => after[item.RecordId].Outcome is Outcome.Delivered or Outcome.Unchanged).ToArray();
        Assert.That(_transport.Rewritten, Is.Positive, "An answer was turned round.");
        Assert.That(delivered.Intersect(refused), Is.Empty, "A refused record is not delivered.");
        Assert.That(delivered, Is.Not.Empty, "The others are delivered.");
        Assert.That(
            delivered.Select(item => after[item.RecordId].RemoteId ?? before[item.RecordId].RemoteId), Is.EqualTo(delivered.Select(item => before[item.RecordId].RemoteId)), "Each has its own id.");
    });

    [Test]
    public Task Should_not_take_for_delivered_what_the_answer_leaves_out() => HoldAsync(async () =>
    {
        var connected = Connect();
        var target = await EnsureAsync(connected);
        _transport.Rewrite = Everywhere(DropLast);
        var outcomes = await DeliverAsync(connected, BatchOf(Operation.AddMember, target, People(5)));

        Assert.That(_transport.Rewritten > 0, Is.EqualTo(words.AnswersPerRecord), "An answer was shortened.");
        if (words.AnswersPerRecord)
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
        var items = People(5);
        var refused = items[1..3];
        Room.Faults.Add(new Fault { Kind = FaultKind.RejectRecords, Keys = [.. refused.Select(item => item.Key)] });
        _transport.Rewrite = Everywhere(RepeatFirst);
        var outcomes = await DeliverAsync(connected, BatchOf(Operation.AddMember, target, items));

        Assert.That(_transport.Rewritten, Is.Positive, "An answer named a record twice.");
        Assert.That(refused.Select(item => outcomes[item.RecordId].Outcome), Has.None.EqualTo(Outcome.Delivered).And.None.EqualTo(Outcome.Unchanged), "Refused.");
        Assert.That(items.Except(refused).Select(item => outcomes[item.RecordId].Outcome), Has.None.EqualTo(Outcome.Rejected), "Not refused.");
    });

    /// <summary>Fields of so many bytes that the vendor would keep each of them.</summary>
    private Field[] Large(int bytes) => words.MaxText >= bytes
        ? [new Field(words.TextField, FieldValue.Of(new string('x', bytes)))]
        : [.. Enumerable.Range(0, (bytes / words.MaxText) + 1).Select(number => new Field($"large_{number}", FieldValue.Of(new string('x', words.MaxText))))];

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
