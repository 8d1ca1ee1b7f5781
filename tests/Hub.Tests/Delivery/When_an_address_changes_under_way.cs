using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Ledger;

namespace IntegrationHub.Hub.Tests.Delivery;

/// <summary>Where a vendor knows people by the address, nobody is there twice because the address changed while they were sent.</summary>
[TestFixture(StorageDatabase.Postgres)]
[TestFixture(StorageDatabase.Sqlite)]
public sealed class When_an_address_changes_under_way(StorageDatabase database) : DrainFixture(database)
{
    private string _before = null!;
    private string _after = null!;

    [SetUp]
    public async Task Know_people_by_the_address()
    {
        (_before, _after) = ($"{Unique("old")}@x.test", $"{Unique("new")}@x.test");
        await Destination.DisposeAsync();
        Destination = Acme.Destination(Vendor, name: Name, audience: Audience, identity: "email");
        await WriteAsync(async db =>
        {
            await Ledger.RouteAudiencesAsync(db, [new AudienceRoute(Audience, Name)], CancellationToken.None);
            await Ledger.RouteIdentityAsync(db, [Destination.IdentityRoute], partitions: 1, CancellationToken.None);
        });
        await AppendAsync(Profile(People[0], "{}", 1, _before));
    }

    [Test]
    public async Task Should_be_sent_under_the_new_one_when_it_changes_before_the_call()
    {
        Vendor.BeforeCall = _ => MoveAsync();
        await DrainAsync();
        await DrainAsync();
        Assert.That(Vendor.Delivered.SelectMany(batch => batch.Items).Select(item => item.Key), Is.EqualTo(new[] { _after }));
    }

    [Test]
    public async Task Should_be_told_of_the_new_one_when_it_changes_while_the_vendor_answers()
    {
        Vendor.Deliver = async batch =>
        {
            await (batch.Operation == Operation.AddMember ? MoveAsync() : Task.CompletedTask);
            return Told(batch, Outcome.Delivered);
        };
        await DrainAsync();
        await DrainAsync(Lane.Live);
        Assert.That(Vendor.Delivered.SelectMany(batch => batch.Items.Select(item => (batch.Operation, item.Key, item.Identity?.NewKey))),
            Is.EqualTo(new[] { (Operation.AddMember, _before, null), (Operation.ChangeKey, _before, _after) }));
    }

    private Task MoveAsync() => AppendAsync(Profile(People[0], "{}", 2, _after));
}
