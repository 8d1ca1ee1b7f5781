using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Tests.Backfills;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Deliveries;

namespace IntegrationHub.Hub.Tests.Delivery;

/// <summary><c>create: never</c>: only whom the destination has is written, whoever is not there is settled, and is no member by it.</summary>
[TestFixture(StorageDatabase.Postgres)]
[TestFixture(StorageDatabase.Sqlite)]
public sealed class When_a_destination_creates_nobody(StorageDatabase database) : DrainFixture(database)
{
    private RememberingVendor _vendor = null!;

    [SetUp]
    public async Task Create_nobody()
    {
        await Destination.DisposeAsync();
        _vendor = new RememberingVendor();
        _vendor.Set(People[1], "town", "Paris");
        Destination = Acme.Destination(_vendor, name: Name, audience: Audience, change: written => written with { Create = CreationRule.Never });
    }

    [Test]
    public async Task Should_write_whom_the_vendor_has_and_settle_the_others()
    {
        await DrainAsync();
        Assert.That(_vendor.Written.Single().Items.Select(item => item.Key), Is.EqualTo(new[] { People[1] }));
        Assert.That(_vendor.Written.Single().UpdateOnly, Is.True, "who is deleted in between is not created either");
        Assert.That(_vendor.People.Keys, Is.EqualTo(new[] { People[1] }));
        Assert.That(await OutcomeAsync(People[0]), Is.EqualTo((LedgerOutcome.Unchanged, "no_match")));
        Assert.That(await OutcomeAsync(People[1]), Is.EqualTo((LedgerOutcome.Delivered, (string?)null)));
        Assert.That((await RunAsync(Run)).Counts.Balances, Is.True);
        Assert.That(await MembershipsAsync(People[0], "m.is_member"), Is.Zero, "nobody is a member who is not there");
        Assert.That(await MembershipsAsync(People[1], "m.is_member"), Is.EqualTo(1));
        Assert.That(await CountAsync($"SELECT count(*) FROM destination_profiles d JOIN profiles p ON p.profile_id = d.profile_id WHERE d.destination = '{Name}' AND p.external_id = '{People[0]}'"), Is.Zero, "nor known there");
    }

    [Test]
    public async Task Should_write_nothing_where_nobody_is_known()
    {
        _vendor.People.Clear();
        await DrainAsync();
        Assert.That(_vendor.Written, Is.Empty);
        Assert.That((await RunAsync(Run)).Counts.Unchanged, Is.EqualTo(3));
    }

    [Test]
    public async Task Should_create_people_where_nothing_is_said()
    {
        await Destination.DisposeAsync();
        Destination = Acme.Destination(_vendor, name: Name, audience: Audience);
        await DrainAsync();
        Assert.That(_vendor.People.Keys, Is.EquivalentTo(People));
        Assert.That(_vendor.Asked.Any(asked => asked.StartsWith("read", StringComparison.Ordinal)), Is.False, "nobody is read for it");
    }
}
