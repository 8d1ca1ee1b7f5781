using IntegrationHub.Hub.Reconciliation;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Ledger;
using IntegrationHub.Storage.Reconciliations;
using IntegrationHub.Storage.Sealing;

namespace IntegrationHub.Hub.Tests.Storage;

/// <summary>What a destination was owed at intake is delivered, ended otherwise or waiting; an event of which nothing is known any more is found.</summary>
[TestFixture(StorageDatabase.Postgres, false)]
[TestFixture(StorageDatabase.Sqlite, false)]
[TestFixture(StorageDatabase.Postgres, true)]
[TestFixture(StorageDatabase.Sqlite, true)]
public sealed class When_events_are_accounted_for(StorageDatabase database, bool isSealed) : EventStorageFixture(database)
{
    protected override SealingKeys Sealing { get; } = isSealed ? new SealingKeys([SealingKey.Random("a")], "a") : SealingKeys.None;

    [Test]
    public async Task Should_come_out_by_name_and_miss_what_was_lost()
    {
        var person = await KnownAsync();
        await RouteAsync(new EventRoute(Destination, Viewed), new EventRoute(Destination, "bought"));
        await AppendAsync([.. Enumerable.Range(0, 6).Select(minute => Told(person, minute, Viewed)), Told(person, 7, "bought", ",\"purchase\":{}"), Told(person, 8, "nobody_cares"), Told(Unique("nobody"), 9, Viewed)]);
        var lease = await LiveLeaseAsync();
        var claimed = await ClaimLiveAsync(lease);
        Assert.That(claimed, Has.Count.EqualTo(7));
        Assert.That(claimed.Select(delivery => delivery.EventJson), Is.All.Contains("payload"), "opened for whoever sends it");
        await SettleAsync(lease, [Delivered(claimed[0]), Delivered(claimed[1]), Delivered(claimed[6]), Ended(claimed[2], LedgerOutcome.Suppressed, "consent_denied")]);

        var counted = await CountAsync();
        Assert.That(counted.Select(Numbers), Is.EqualTo(new[] { ("bought", 1L, 1L, 0L, 0L), (Viewed, 6L, 2L, 1L, 3L) }));
        Assert.That(counted.Select(volume => (volume.Unaccounted, volume.Happened)), Is.EqualTo(new[] { (0L, 0L), (0L, 2L) }), "purchases are counted elsewhere by vendors");
        Assert.That(counted.Select(EventTolerance.CauseOf), Has.All.Null);

        await ExecuteAsync("DELETE FROM deliveries WHERE destination = @destination AND event_id = @event", ("destination", Destination), ("event", claimed[3].EventId));
        var lost = (await CountAsync())[1];
        Assert.That((Numbers(lost), lost.Unaccounted, EventTolerance.CauseOf(lost)), Is.EqualTo(((Viewed, 6L, 2L, 1L, 2L), 1L, FindingCause.NotAccounted)));
    }

    [Test]
    public async Task Should_count_what_follows_somebody_who_was_anonymous()
    {
        var person = await KnownAsync();
        var browser = IntegrationHub.Identity.PersonKey.Of(IntegrationHub.Identity.KeyKind.AnonymousId, Unique("web"))!.Value;
        await AppendAsync(Told(person, 1, Viewed) with { ExternalId = null, OtherKeys = [browser] });
        Assert.That(await CountAsync(), Is.Empty);
        await AppendAsync(Profile(person, "{}", 3) with { OtherKeys = [browser] });
        Assert.That((await CountAsync()).Select(Numbers), Is.EqualTo(new[] { (Viewed, 1L, 0L, 0L, 1L) }));
    }

    /// <summary>A body in another row opens there only where nothing is sealed.</summary>
    [Test]
    public async Task Should_hand_over_the_others_where_a_body_was_damaged()
    {
        var person = await KnownAsync();
        await RouteAsync(new EventRoute(Destination, Viewed));
        await AppendAsync([.. Enumerable.Range(0, 3).Select(minute => Told(person, minute, Viewed))]);
        await ExecuteAsync("UPDATE facts SET body = (SELECT body FROM facts ORDER BY position DESC LIMIT 1) WHERE position = (SELECT max(position) - 1 FROM facts)");
        var claimed = await ClaimLiveAsync(await LiveLeaseAsync());
        Assert.That(claimed.Select(delivery => delivery.EventJson), isSealed ? Has.Exactly(1).Empty.And.Exactly(2).Contains("payload") : Has.Exactly(3).Contains("payload"));
        Assert.That((await CountAsync()).Select(volume => volume.Owed), Is.EqualTo(new[] { 3L }), "what was owed was counted when it came");
    }

    [Test]
    public async Task Should_keep_what_was_counted_for_a_run()
    {
        var run = Guid.NewGuid();
        var volume = new EventVolume(Viewed, Noon, Noon.AddDays(1), 9, 5, 1, 2, 4, 3);
        await WriteAsync(db => EventVolumes.SaveAsync(db, run, [volume with { Owed = 1 }], CancellationToken.None));
        await WriteAsync(db => EventVolumes.SaveAsync(db, run, [volume], CancellationToken.None));
        Assert.That(await ReadAsync(db => EventVolumes.ListAsync(db, run, CancellationToken.None)), Is.EqualTo(new[] { volume }));
    }

    private Task<IReadOnlyList<EventVolume>> CountAsync()
    {
        var now = TimeProvider.System.GetUtcNow();
        return ReadAsync(db => EventVolumes.CountAsync(db, Destination, Noon.AddDays(-1), now.AddHours(1), CancellationToken.None));
    }

    private static (string, long, long, long, long) Numbers(EventVolume volume) => (volume.EventName, volume.Owed, volume.Delivered, volume.Ended, volume.Pending);

    private static LedgerFact Told(string person, int minute, string name, string more = "") =>
        Event(person, minute, name) with { BodyJson = $$$"""{"payload":{"name":"{{{name}}}"{{{more}}}}}""" };

    private Task ExecuteAsync(string sql, params (string, object?)[] parameters) => WriteAsync(async db =>
    {
        await using var session = await DbSession.OpenAsync(db, CancellationToken.None);
        await session.ExecuteAsync(sql, CancellationToken.None, parameters);
    });
}
