using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Intake.Facts;
using IntegrationHub.Hub.Intake.OptOuts;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Tests.Delivery;
using IntegrationHub.Identity;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Ledger;
using IntegrationHub.Storage.OptOuts;
using IntegrationHub.Storage.Retention;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace IntegrationHub.Hub.Tests.Intake.OptOuts;

/// <summary>Opt-outs at a vendor in the real database: each denies, once, whatever happens in between.</summary>
[TestFixture(StorageDatabase.Postgres)]
[TestFixture(StorageDatabase.Sqlite)]
public sealed class When_a_vendor_tells_who_opted_out(StorageDatabase database) : DeliveryFixture(database)
{
    private string _name = null!;

    [SetUp]
    public void Name_the_destination() => _name = Unique("vendor");

    [Test]
    public async Task Should_deny_them_and_go_on_where_the_page_ended()
    {
        var (person, address) = (Unique("p"), $"{Unique("a")}@example.test");
        await AppendAsync(Profile(person, "{}") with { Email = address });
        var vendor = new TellingVendor(question => question.Cursor is null ? new OptOutPage([OptOut("1", address)], "c-1", IsLast: false) : new OptOutPage([], "c-2", IsLast: true));
        var (poller, destination) = Poller(vendor);

        Assert.That(await poller.ReadAsync(destination, TellingVendor.Feed, default), Is.False, "a feed that is new is noted first");
        Assert.That(vendor.Asked, Is.Empty);
        Clock.Now += TimeSpan.FromMinutes(6);
        await poller.ReadAsync(destination, TellingVendor.Feed, default);

        var state = await StateAsync();
        Assert.Multiple(() =>
        {
            Assert.That(vendor.Asked.Select(question => question.Cursor), Is.EqualTo(new[] { null, "c-1" }));
            Assert.That((state.Cursor, state.OptOuts, state.CaughtUpAt == state.AskedAt, state.Error), Is.EqualTo(("c-2", 1L, true, (string?)null)));
        });
        Assert.That(await IsDeniedAsync(person), Is.True);

        await poller.ReadAsync(destination, TellingVendor.Feed, default);
        Assert.That(vendor.Asked, Has.Count.EqualTo(2), "not before the interval is over");
    }

    [Test]
    public async Task Should_read_again_what_was_not_taken_in_and_keep_it_once()
    {
        var address = $"{Unique("a")}@example.test";
        var vendor = new TellingVendor(_ => new OptOutPage([OptOut("1", address)], "c-1", IsLast: true));
        await NoteAsync(vendor);
        var (broken, destination) = Poller(vendor, new OutboxTransaction(new StumblingScopes(Scopes, stumbles: 1)));
        await broken.ReadAsync(destination, TellingVendor.Feed, default);
        var failed = await StateAsync();
        Assert.That((failed.Cursor, failed.Error), Is.EqualTo(((string?)null, "feed_unreadable")), "the cursor stays");

        var (poller, again) = Poller(vendor);
        for (var reading = 0; reading < 2; reading++)
        {
            Clock.Now += TimeSpan.FromMinutes(6);
            await poller.ReadAsync(again, TellingVendor.Feed, default);
        }

        Assert.That(await CountAsync($"SELECT count(*) FROM facts WHERE producer = 'vendor:{_name}'"), Is.EqualTo(1));
        Assert.That((await StateAsync()).Error, Is.Null);
    }

    [Test]
    public async Task Should_say_why_it_stands_still_and_since_when()
    {
        var vendor = new TellingVendor(_ => throw new DestinationException(new DestinationCondition(DestinationTrouble.Unauthorized, "acme_401")));
        await NoteAsync(vendor);
        var (poller, destination) = Poller(vendor);
        var since = Clock.GetUtcNow();
        await poller.ReadAsync(destination, TellingVendor.Feed, default);
        Clock.Now += TimeSpan.FromMinutes(6);
        await poller.ReadAsync(destination, TellingVendor.Feed, default);

        var state = await StateAsync();
        Assert.That((state.Error, state.FailingSince, state.CaughtUpAt), Is.EqualTo(("acme_401", since, (DateTimeOffset?)null)));
        Assert.That(vendor.Asked, Has.Count.EqualTo(2));
    }

    [Test]
    public async Task Should_leave_the_turn_to_the_instance_that_has_it()
    {
        var vendor = new TellingVendor(_ => new OptOutPage([], "c-1", IsLast: true));
        await NoteAsync(vendor);
        var (poller, destination) = Poller(vendor);
        var turn = await WriteAsync(db => OptOutFeeds.TakeTurnAsync(db, _name, TellingVendor.Feed, "another", TimeSpan.FromMinutes(1), default));
        await poller.ReadAsync(destination, TellingVendor.Feed, default);
        Assert.That(vendor.Asked, Is.Empty);

        await WriteAsync(async db =>
        {
            await OptOutFeeds.ReleaseTurnAsync(db, turn!, default);
            return true;
        });
        await poller.ReadAsync(destination, TellingVendor.Feed, default);
        Assert.That(vendor.Asked, Has.Count.EqualTo(1));
    }

    /// <summary>A hub that is killed while it reads gives nothing back: its turn ends by itself, and soon.</summary>
    [Test]
    public async Task Should_hold_the_turn_of_reading_for_half_a_minute_at_a_time()
    {
        var held = 0L;
        await NoteAsync(new TellingVendor(_ => throw new NotSupportedException()));
        var vendor = new TellingVendor(_ =>
        {
            held = ReadAsync(async db =>
            {
                await using var session = await DbSession.OpenAsync(db, default);
                return (long)(await session.ScalarAsync(
                    $"SELECT count(*) FROM leases WHERE lane = @lane AND expires_at > {session.Clock} AND expires_at <= {session.Clock} + @longest", default,
                    ("lane", $"opt_outs {_name} {TellingVendor.Feed}"), ("longest", TimeSpan.FromSeconds(30))))!;
            }).GetAwaiter().GetResult();
            return new OptOutPage([], "c-1", IsLast: true);
        });
        var (poller, destination) = Poller(vendor);
        await poller.ReadAsync(destination, TellingVendor.Feed, default);
        Assert.That(held, Is.EqualTo(1));
    }

    /// <summary>Mail to an address comes back: nothing is sent there, and the person is reached again at another one.</summary>
    [Test]
    public async Task Should_leave_an_address_alone_that_bounces_until_the_person_has_another()
    {
        var (person, address) = (Unique("p"), $"{Unique("a")}@example.test");
        await AppendAsync(Profile(person, "{}") with { Email = address });
        var vendor = new TellingVendor(_ => new OptOutPage([OptOut("1", address) with { Kind = OptOutKind.HardBounce }], "c-1", IsLast: true));
        await NoteAsync(vendor);
        var (poller, destination) = Poller(vendor);
        await poller.ReadAsync(destination, TellingVendor.Feed, default);
        Assert.That(await ConsentAsync(person), Does.Contain("suppression:hard_bounce"));

        await AppendAsync(Profile(person, """{"city":"Graz"}""") with { Email = $"new-{address}", OccurredAt = Noon.AddHours(1) });
        Assert.That(await ConsentAsync(person), Does.Not.Contain("hard_bounce"));
    }

    /// <summary>The hub tells of a withdrawal late, after the person has allowed again: the vendor dates it by the call.</summary>
    [TestCase(-3, true)]
    [TestCase(-2, false)]
    [TestCase(12, false)]
    [TestCase(13, true)]
    public async Task Should_tell_its_own_word_of_ten_seconds_from_the_persons(int secondsAfterTheCallBegan, bool denied)
    {
        var address = $"{Unique("a")}@example.test";
        var (by, byId) = (Unique("p"), Unique("p"));
        await AppendAsync(Profile(by, "{}") with { Email = address }, Consent(by, "granted", 1), Profile(byId, "{}"), Consent(byId, "granted", 1));
        var (began, ended) = (Noon.AddMinutes(5), Noon.AddMinutes(5).AddSeconds(10));
        await WriteAsync(async db =>
        {
            await using var session = await DbSession.OpenAsync(db, default);
            await session.ExecuteAsync("INSERT INTO destination_profiles (destination, profile_id, remote_id) SELECT @name, profile_id, 'r-1' FROM profiles WHERE external_id = @id", default, ("name", _name), ("id", byId));
            await ToldDenials.AddAsync(db, _name, [new(ToldDenials.NameOfEmail(address.ToUpperInvariant())!, "", began, ended), new(ToldDenials.NameOfRemoteId("r-1")!, "", began, ended)], default);
            return true;
        });
        var at = began.AddSeconds(secondsAfterTheCallBegan);
        var vendor = new TellingVendor(_ => new OptOutPage(
            [OptOut("1", address) with { At = at }, new("2", OptOutKind.MarketingEmail, at) { RemoteId = "r-1" }, OptOut("3", $"other-{address}") with { At = began }], "c-1", IsLast: true));
        await NoteAsync(vendor);
        var (poller, destination) = Poller(vendor);
        await poller.ReadAsync(destination, TellingVendor.Feed, default);

        Assert.That((await IsDeniedAsync(by), await IsDeniedAsync(byId)), Is.EqualTo((denied, denied)));
        Assert.That(await CountAsync($"SELECT count(*) FROM facts WHERE producer = 'vendor:{_name}'"), Is.EqualTo(denied ? 3 : 1), "who was not told of is never the hub's word");
    }

    private async Task NoteAsync(TellingVendor vendor)
    {
        var (poller, destination) = Poller(vendor);
        await poller.ReadAsync(destination, TellingVendor.Feed, default);
        Clock.Now += TimeSpan.FromMinutes(6);
    }

    private async Task<OptOutFeed> StateAsync() => (await ReadAsync(db => OptOutFeeds.ListAsync(db, default))).Single(feed => feed.Destination == _name);

    private async Task<bool> IsDeniedAsync(string person) => (await ConsentAsync(person)).Contains("denied", StringComparison.Ordinal);

    private async Task<string> ConsentAsync(string person) => (string)(await ReadAsync(async db =>
    {
        await using var session = await DbSession.OpenAsync(db, default);
        return await session.ScalarAsync("SELECT consent FROM profiles WHERE external_id = @person", default, ("person", person));
    }))!;

    private (OptOutPoller Poller, Destination Destination) Poller(TellingVendor vendor, OutboxTransaction? intake = null)
    {
        var destination = Acme.Destination(vendor, name: _name);
        var directory = new DestinationDirectory(new Dictionary<string, Destination> { [_name] = destination });
        var facts = Intake(Acme.Hub(_name), intake);
        return (new OptOutPoller(directory, Transactions, facts, HubInstance.Create(), Microsoft.Extensions.Options.Options.Create(new OptOutOptions()), Clock, NullLogger<OptOutPoller>.Instance), destination);
    }

    private static VendorOptOut OptOut(string id, string address) => new(id, OptOutKind.MarketingEmail, Noon) { Email = address };
}
