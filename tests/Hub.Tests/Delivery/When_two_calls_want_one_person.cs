using System.Collections.Concurrent;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Deliveries;

namespace IntegrationHub.Hub.Tests.Delivery;

/// <summary>However many hubs and lanes there are: of one person at one destination, one call at a time is under way.</summary>
[TestFixture(StorageDatabase.Postgres)]
[TestFixture(StorageDatabase.Sqlite)]
public sealed class When_two_calls_want_one_person(StorageDatabase database) : DrainFixture(database)
{
    private readonly ConcurrentDictionary<string, int> _written = new();
    private readonly ConcurrentQueue<string> _overlaps = new();

    [Test]
    public async Task Should_write_the_person_by_one_of_them_and_everybody_else_at_once()
    {
        await KnowAsync(People[0]);
        var (begun, over) = (new TaskCompletionSource(), new TaskCompletionSource());
        Vendor.Deliver = batch => WatchAsync(batch, async () =>
        {
            if (batch.Operation == Operation.AddMember)
            {
                begun.TrySetResult();
                await over.Task;
            }
        });
        var bystander = Unique("p");
        await AppendAsync(Profile(bystander, "{}"));
        await KnowAsync(bystander);
        var bulk = Hub().RunAsync(Name, Lane.Bulk, 0, CancellationToken.None);
        await begun.Task;

        await DenyAsync(People[0]);
        await DenyAsync(bystander);
        await Hub().RunAsync(Name, Lane.Urgent, 0, CancellationToken.None);
        Assert.That(Told(Operation.SetConsent), Is.EqualTo(new[] { bystander }), "the other one is being written");
        Assert.That(await OwedAsync(), Is.EqualTo(1));

        over.SetResult();
        await bulk;
        Clock.Now += TimeSpan.FromSeconds(2);
        await Hub().RunAsync(Name, Lane.Urgent, 0, CancellationToken.None);
        Assert.That(Told(Operation.SetConsent).Distinct(), Is.EquivalentTo(new[] { bystander, People[0] }));
        Assert.That(_overlaps, Is.Empty);
    }

    [Test]
    public async Task Should_let_one_in_however_many_ask_at_once()
    {
        for (var round = 0; round < 20; round++)
        {
            var name = CallUnderWay.NameOf(4711 + round);
            var asked = await Task.WhenAll(Enumerable.Range(0, 24).Select(i => Task.Run(() => EnterAsync(Call([1_000_000L + (100 * round) + i, name])))));
            Assert.That(asked.Count(busy => busy.Count == 0), Is.EqualTo(1));
            Assert.That(asked.Where(busy => busy.Count > 0).Select(busy => busy.Contains(name)), Is.All.True);
        }
    }

    [Test]
    public async Task Should_not_stand_in_the_way_of_its_own_batch_or_of_another_destination()
    {
        var first = Call([1, 2]);
        Assert.That(await EnterAsync(first), Is.Empty);
        Assert.That(await EnterAsync(Call([2, 3]) with { BatchId = first.BatchId }), Is.Empty);
        Assert.That(await EnterAsync(Call([1, 2]) with { Destination = Unique("other") }), Is.Empty);
        Assert.That(await EnterAsync(Call([1, 2, 3, 4])), Is.EquivalentTo(new[] { 1, 2, 3 }));
        Assert.That(await EnterAsync(Call([4])), Is.Empty, "what was refused holds nobody");
        await ReadAsync(async db =>
        {
            await Deliveries.LeaveCallAsync(db, first.CallId, CancellationToken.None);
            return true;
        });
        Assert.That(await EnterAsync(Call([1])), Is.Empty);
        Assert.That(await EnterAsync(Call([2])), Is.EquivalentTo(new[] { 2 }), "another call of the batch goes on");
    }

    [Test]
    public async Task Should_be_over_in_time_when_the_hub_died_that_made_it()
    {
        Assert.That(await EnterAsync(Call([5]) with { Longest = TimeSpan.Zero }), Is.Empty);
        Assert.That(await EnterAsync(Call([5])), Is.Empty);
        Assert.That(IsPostgres ? await CountAsync($"SELECT count(*) FROM calls_under_way WHERE destination = '{Name}'") : 1, Is.EqualTo(1), "what is over is swept");
    }

    [Test]
    public async Task Should_be_over_as_soon_as_somebody_takes_up_the_work_of_the_turn_that_made_it()
    {
        var left = Call([6]) with { Owner = Unique("turn") };
        await EnterAsync(left);
        await EnterAsync(Call([7]));
        await ReadAsync(async db =>
        {
            await Deliveries.LeaveCallsOfAsync(db, Name, left.Owner, CancellationToken.None);
            return true;
        });

        Assert.That(await EnterAsync(Call([6])), Is.Empty);
        Assert.That(await EnterAsync(Call([7])), Is.EquivalentTo(new[] { 7 }), "the call of another turn");
    }

    [Test]
    public void Should_never_take_a_key_for_a_profile() =>
        Assert.That(CallUnderWay.NameOf(KeyHash.Of("KEY")), Is.Negative.And.Not.EqualTo(CallUnderWay.NameOf(KeyHash.Of("OTHER"))));

    private CallUnderWay Call(long[] names) => new(Guid.NewGuid(), Name, "turn-1", Guid.NewGuid(), names, TimeSpan.FromMinutes(1));

    private Task<IReadOnlySet<long>> EnterAsync(CallUnderWay call) => ReadAsync(async db => (await Deliveries.EnterCallAsync(db, call, [], CancellationToken.None)).Busy);

    private List<string> Told(Operation operation) => [.. Vendor.Delivered.Where(batch => batch.Operation == operation).SelectMany(batch => batch.Items).Select(item => item.Key)];

    /// <summary>A vendor that sees two calls for one person overlap.</summary>
    private async Task<Receipt> WatchAsync(Batch batch, Func<Task> work)
    {
        foreach (var item in batch.Items.Where(item => _written.AddOrUpdate(item.Key, 1, (_, calls) => calls + 1) > 1))
        {
            _overlaps.Enqueue(item.Key);
        }

        await work();
        foreach (var item in batch.Items)
        {
            _written.AddOrUpdate(item.Key, 0, (_, calls) => calls - 1);
        }

        return Told(batch, Outcome.Delivered);
    }

    private Task KnowAsync(string person) => WriteAsync(async db =>
    {
        await using var session = await DbSession.OpenAsync(db, CancellationToken.None);
        await session.ExecuteAsync(
            "INSERT INTO destination_profiles (destination, profile_id) SELECT @destination, profile_id FROM profiles WHERE external_id = @person", CancellationToken.None,
            ("destination", Name), ("person", person));
    });
}
