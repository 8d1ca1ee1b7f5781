using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Identity;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Ledger;
using IntegrationHub.Storage;

namespace IntegrationHub.Hub.Tests.Storage;

/// <summary>An event is owed once to every destination that has a route for it and knows the person.</summary>
[TestFixture(StorageDatabase.Postgres)]
[TestFixture(StorageDatabase.Sqlite)]
public sealed class When_an_event_is_owed(StorageDatabase database) : EventStorageFixture(database)
{
    [Test]
    public async Task Should_be_claimed_with_what_happened_and_whose_it_is()
    {
        var person = await KnownAsync();
        var happened = Event(person, 5);
        await AppendAsync(happened);

        var claimed = (await ClaimLiveAsync()).Single();

        Assert.Multiple(() =>
        {
            Assert.That((claimed.ExternalId, claimed.Operation, claimed.RunId), Is.EqualTo((person, Operation.TrackEvent, Stream)));
            Assert.That((claimed.EventId, claimed.EventJson, claimed.SendingSince), Is.EqualTo(((Guid?)happened.EventId, happened.BodyJson, (DateTimeOffset?)null)));
        });
    }

    [Test]
    public async Task Should_owe_nothing_for_a_repeat_in_one_batch_or_a_later_one()
    {
        var happened = Event(await KnownAsync());
        await AppendAsync(happened, happened);
        await AppendAsync(happened);
        Assert.That(await ClaimLiveAsync(), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Should_follow_to_whom_somebody_anonymous_turns_out_to_be()
    {
        var person = await KnownAsync();
        var browser = PersonKey.Of(KeyKind.AnonymousId, Unique("web"))!.Value;
        var (first, second) = (Visit(1), Visit(2));
        await AppendAsync(second, first);
        Assert.That(await ClaimLiveAsync(), Is.Empty);
        await AppendAsync(Profile(person, "{}", 3) with { OtherKeys = [browser] });
        var claimed = await ClaimLiveAsync();
        Assert.That(claimed.Select(delivery => (delivery.EventId, delivery.ExternalId)), Is.EqualTo(new (Guid?, string?)[] { (first.EventId, person), (second.EventId, person) }));
        Assert.That(claimed[0].EventJson, Is.EqualTo(first.BodyJson));
        await AppendAsync(Profile(person, "{}", 4) with { OtherKeys = [browser] });
        Assert.That(await ClaimLiveAsync(), Has.Count.EqualTo(2), "once");

        LedgerFact Visit(int minute) => Event(person, minute) with { ExternalId = null, OtherKeys = [browser], BodyJson = $$$"""{"payload":{"name":"{{{Viewed}}}"},"minute":{{{minute}}}}""" };
    }

    [Test]
    public async Task Should_follow_in_doubt_where_the_database_was_restored_since()
    {
        var person = await KnownAsync();
        var browser = PersonKey.Of(KeyKind.AnonymousId, Unique("web"))!.Value;
        await AppendAsync(Event(person) with { ExternalId = null, OtherKeys = [browser], BodyJson = $$$"""{"payload":{"name":"{{{Viewed}}}"}}""" });
        await WriteAsync(db => RestoredDatabase.DoubtAsync(db, TimeProvider.System.GetUtcNow().AddYears(1), CancellationToken.None));
        await AppendAsync(Profile(person, "{}", 3) with { OtherKeys = [browser] });
        Assert.That((await ClaimLiveAsync()).Single().SendingSince, Is.Not.Null, "the lost time may have told of it");
    }

    [Test]
    public async Task Should_owe_every_event_of_a_person_in_the_order_in_which_they_happened()
    {
        var person = await KnownAsync();
        var (late, early, between) = (Event(person, 9), Event(person, 1), Event(person, 5));
        await AppendAsync(late, early, between);
        Assert.That((await ClaimLiveAsync()).Select(delivery => delivery.EventId), Is.EqualTo(new Guid?[] { early.EventId, between.EventId, late.EventId }));
    }

    [Test]
    public async Task Should_owe_it_to_every_destination_that_knows_the_person_and_has_a_route()
    {
        var person = await KnownAsync();
        var other = Unique("other");
        await RouteAsync(new EventRoute(Destination, Viewed), new EventRoute(Destination, "bought"), new EventRoute(other, Viewed));
        await AppendAsync(Event(person), Event(person, 1, "bought"), Event(person, 2, "nobody_cares"));
        Assert.That(await ClaimLiveAsync(), Has.Count.EqualTo(2));
        Assert.That(await CountRowsAsync("deliveries", LiveStream.IdOf(other, Lane.Live)), Is.Zero, "the other one does not know the person");
    }

    [Test]
    public async Task Should_owe_nothing_for_somebody_whom_nobody_knows()
    {
        var stranger = Unique("stranger");
        await AppendAsync(Event(Unique("nobody")), Profile(stranger, "{}"), Event(stranger));
        Assert.That(await ClaimLiveAsync(), Is.Empty);
    }

    [Test]
    public async Task Should_owe_it_where_a_run_may_make_the_person_known_in_a_moment()
    {
        var (person, audience) = (Unique("p"), Unique("aud"));
        await ApplyAsync(audience, "full", 0, person);
        await StartRunAsync(audience, "Delivering", Destination);
        await AppendAsync(Event(person));
        Assert.That(await ClaimLiveAsync(), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Should_stand_in_nobodys_way_in_the_urgent_lane()
    {
        await AppendAsync(Event(await KnownAsync()));
        Assert.That(await ClaimLiveAsync(await LiveLeaseAsync(lane: Lane.Urgent)), Is.Empty);
    }

    [Test]
    public async Task Should_be_found_as_work_until_somebody_holds_the_lease()
    {
        await AppendAsync(Event(await KnownAsync()));
        Assert.That((await FindLiveWorkAsync()).Where(work => work.Destination == Destination), Is.EqualTo(new[] { new PartitionWithWork(Destination, Lane.Live, 0) }));
        await LiveLeaseAsync();
        Assert.That((await FindLiveWorkAsync()).Where(work => work.Destination == Destination), Is.Empty);
    }

    [Test]
    public async Task Should_be_found_though_its_route_is_gone_from_the_configuration()
    {
        await AppendAsync(Event(await KnownAsync()));
        await RouteAsync();
        Assert.That((await FindLiveWorkAsync()).Where(work => work.Destination == Destination), Has.Exactly(1).Items);
        var lease = await LiveLeaseAsync();
        await SettleAsync(lease, (await ClaimLiveAsync(lease)).Select(delivery => Ended(delivery, LedgerOutcome.Suppressed, "event_not_routed")));
        await RouteAsync();
        Assert.That(await CountAsync($"SELECT count(*) FROM event_routes WHERE destination = '{Destination}'"), Is.Zero);
    }
}
