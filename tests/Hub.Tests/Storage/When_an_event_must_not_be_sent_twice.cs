using IntegrationHub.Hub.Destinations;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Paging;

namespace IntegrationHub.Hub.Tests.Storage;

/// <summary>What is about to be sent is written down before, by whoever holds the lease and by nobody else.</summary>
[TestFixture(StorageDatabase.Postgres)]
[TestFixture(StorageDatabase.Sqlite)]
public sealed class When_an_event_must_not_be_sent_twice(StorageDatabase database) : EventStorageFixture(database)
{
    private Lease _lease = null!;
    private IReadOnlyList<ClaimedDelivery> _claimed = null!;

    [SetUp]
    public async Task Claim()
    {
        var person = await KnownAsync();
        await AppendAsync(Event(person, 1), Event(person, 2), Event(await KnownAsync(), 3));
        _lease = await LiveLeaseAsync();
        _claimed = await ClaimLiveAsync(_lease);
    }

    [Test]
    public async Task Should_show_the_mark_to_the_next_claim()
    {
        Assert.That(await MarkAsync(_lease, _claimed.Take(2)), Is.EquivalentTo(_claimed.Take(2).Select(delivery => delivery.DeliveryId)));
        Assert.That((await ClaimLiveAsync(_lease)).Select(delivery => delivery.SendingSince is not null), Is.EqualTo(new[] { true, true, false }));
    }

    [Test]
    public async Task Should_let_nobody_send_what_is_marked()
    {
        await MarkAsync(_lease, _claimed.Take(1));
        Assert.That(await MarkAsync(_lease, _claimed), Is.EquivalentTo(_claimed.Skip(1).Select(delivery => delivery.DeliveryId)));
    }

    [Test]
    public async Task Should_let_nobody_send_who_lost_the_lease()
    {
        var other = await LiveLeaseAsync("two");
        Assert.That(await MarkAsync(_lease, _claimed), Is.Empty);
        Assert.That((await ClaimLiveAsync(other)).Select(delivery => delivery.SendingSince), Is.All.Null);
    }

    [Test]
    public async Task Should_let_nobody_send_what_is_settled()
    {
        await SettleAsync(_lease, [Ended(_claimed[0], LedgerOutcome.Suppressed, "consent_denied")]);
        Assert.That(await MarkAsync(_lease, _claimed.Take(1)), Is.Empty);
    }

    [Test]
    public async Task Should_take_the_mark_away_when_it_is_settled_for_later()
    {
        await MarkAsync(_lease, _claimed);
        await SettleAsync(_lease, [Later(_claimed[0], 5)]);
        Assert.That((await ClaimLiveAsync(_lease)).Select(delivery => delivery.SendingSince is not null), Is.EqualTo(new[] { false, true, true }));
    }

    [Test]
    public async Task Should_name_the_event_in_the_dead_letter_of_each_and_keep_the_persons_latest_outcome()
    {
        await SettleAsync(_lease, [Ended(_claimed[0], LedgerOutcome.DeadLettered, "ambiguous"), Ended(_claimed[1], LedgerOutcome.Rejected, "value_missing"), Ended(_claimed[2], LedgerOutcome.Delivered, "")]);

        var letters = (await ReadAsync(db => Runs.ListDeadLettersAsync(db, Destination, null, null, new PageAsk(), CancellationToken.None))).Items;

        Assert.Multiple(async () =>
        {
            Assert.That(letters.Select(letter => (letter.EventId, letter.Operation, letter.Outcome, letter.Code)), Is.EquivalentTo(new[]
            {
                (_claimed[0].EventId, "track_event", LedgerOutcome.DeadLettered, "ambiguous"), (_claimed[1].EventId, "track_event", LedgerOutcome.Rejected, "value_missing"),
            }));
            Assert.That(await ReadAsync(db => Runs.FindDeadLetterAsync(db, letters[0].DeadLetterId, CancellationToken.None)), Is.EqualTo(letters[0]));
            Assert.That(await CountRowsAsync("deliveries", Stream), Is.Zero);
            Assert.That((await CountRowsAsync("outcomes", Stream), await CountRowsAsync("run_tallies", Stream)), Is.EqualTo((2L, 0L)));
            Assert.That(await CountAsync($"SELECT count(*) FROM outcomes WHERE destination = '{Destination}' AND profile_id = {_claimed[1].ProfileId} AND code = 'value_missing'"), Is.EqualTo(1));
        });
    }

    [Test]
    public async Task Should_leave_a_receipt_of_what_the_destination_was_told_and_none_of_what_it_will_be_told()
    {
        var unclaimed = await CountAsync("SELECT count(*) FROM event_receipts");
        await SettleAsync(_lease, [Ended(_claimed[0], LedgerOutcome.Delivered, ""), Ended(_claimed[1], LedgerOutcome.Rejected, "value_missing"), Later(_claimed[2], 5)]);
        var receipts = await ReadAsync(async db =>
        {
            await using var session = await DbSession.OpenAsync(db, CancellationToken.None);
            return await session.ReadAsync(
                "SELECT f.event_id, r.outcome FROM event_receipts r JOIN facts f ON f.position = r.position WHERE r.destination = @destination AND r.at = @at", reader => (reader.GetGuid(0), reader.GetString(1)),
                CancellationToken.None, ("destination", Destination), ("at", Noon));
        });
        Assert.That(receipts, Is.EquivalentTo(new[] { (_claimed[0].EventId!.Value, LedgerOutcome.Delivered), (_claimed[1].EventId!.Value, LedgerOutcome.Rejected) }));
        Assert.That(await CountAsync("SELECT count(*) FROM event_receipts") - unclaimed, Is.EqualTo(2));
        Assert.That(await CountAsync($"SELECT count(*) FROM dead_letters l JOIN facts f ON f.position = l.fact_position AND f.received_at = l.fact_received_at WHERE l.destination = '{Destination}' AND f.event_id = l.event_id"), Is.EqualTo(1));
    }
}
