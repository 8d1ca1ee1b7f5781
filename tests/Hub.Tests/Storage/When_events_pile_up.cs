using IntegrationHub.Hub.Destinations;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage;

namespace IntegrationHub.Hub.Tests.Storage;

/// <summary>What is asked every second, and a withdrawal, cost the same however many events wait.</summary>
[TestFixture(StorageDatabase.Postgres)]
public sealed class When_events_pile_up(StorageDatabase database) : EventStorageFixture(database)
{
    private const int Waiting = 20_000;

    [SetUp]
    public async Task Pile_up()
    {
        await ReadAsync(async db =>
        {
            await using var session = await DbSession.OpenAsync(db, CancellationToken.None);
            return await session.ExecuteAsync("TRUNCATE deliveries; ANALYZE deliveries", CancellationToken.None);
        });
        for (var i = 0; i < 20; i++)
        {
            await FindLiveWorkAsync();
        }

        await ReadAsync(async db =>
        {
            await using var session = await DbSession.OpenAsync(db, CancellationToken.None);
            return await session.ExecuteAsync(
                $"""
                INSERT INTO deliveries (run_id, destination, lane, partition, operation, profile_id, audience, due_at, created_at, event_id)
                SELECT '{Stream}', '{Destination}', '{Lane.Live}', 0, 5, n, '', '2026-03-01 11:00Z', now(), gen_random_uuid() FROM generate_series(1, {Waiting}) n
                """, CancellationToken.None);
        });
    }

    [Test]
    public async Task Should_find_that_they_wait_by_the_first_of_them()
    {
        IReadOnlyList<PartitionWithWork> found = [];
        Assert.That(await RowsReadAsync(async db => found = await Deliveries.FindLiveWorkAsync(db, Soon, CancellationToken.None)), Is.LessThan(100));
        Assert.That(found.Where(work => work.Destination == Destination), Has.Exactly(1).Items);
    }

    [Test]
    public async Task Should_not_be_read_by_a_claim_of_withdrawals()
    {
        var lease = await LiveLeaseAsync(lane: Lane.Urgent);
        Assert.That(await RowsReadAsync(db => Deliveries.ClaimAsync(db, lease, Soon, 100, CancellationToken.None)), Is.LessThan(100));
    }

    [Test]
    public async Task Should_cost_a_mark_what_is_marked()
    {
        var lease = await LiveLeaseAsync();
        var first = new ClaimedDelivery
        {
            DeliveryId = await CountAsync($"SELECT min(delivery_id) FROM deliveries WHERE run_id = '{Stream}'"), RunId = Stream, Audience = "",
            Operation = Connectors.Abstractions.Operation.TrackEvent, Attempt = 0, ProfileId = 1, AttributesJson = "{}", ConsentJson = "{}", ProfileVersion = 1,
        };
        IReadOnlySet<long> marked = new HashSet<long>();
        Assert.That(await RowsReadAsync(async db => marked = await Deliveries.MarkSendingAsync(db, lease, [first], Soon, CancellationToken.None)), Is.LessThan(100));
        Assert.That(marked, Has.Count.EqualTo(1));
    }

    private Task<long> RowsReadAsync(Func<HubDbContext, Task> ask) => WriteAsync(async db =>
    {
        var before = await RowsReadAsync(db);
        await ask(db);
        return await RowsReadAsync(db) - before;
    });
}
