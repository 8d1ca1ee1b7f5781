using IntegrationHub.Identity;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Deliveries;
using Microsoft.Extensions.DependencyInjection;

namespace IntegrationHub.Hub.Tests.Delivery;

/// <summary>A visitor became somebody known before the destination had the person: the alias is owed once the vendor has got them, whatever brought them there.</summary>
[TestFixture(StorageDatabase.Postgres)]
[TestFixture(StorageDatabase.Sqlite)]
public sealed class When_somebody_with_an_alias_arrives(StorageDatabase database) : DrainFixture(database)
{
    protected override void AddServices(IServiceCollection services)
    {
        base.AddServices(services);
        services.AddSingleton(IdentityRules.Default);
    }

    [SetUp]
    public async Task Hold_aliases()
    {
        await Destination.DisposeAsync();
        Destination = Acme.Destination(Vendor, name: Name, audience: Audience, change: file => file with { Aliases = new Dictionary<KeyKind, string> { [KeyKind.AnonymousId] = "site" } });
        await WriteAsync(db => Ledger.RouteIdentityAsync(db, [Destination.IdentityRoute], partitions: 1, CancellationToken.None));
    }

    [Test]
    public async Task Should_be_found_by_it_afterwards_and_be_told_so_once()
    {
        await AppendAsync(Profile(People[1], "{}", 1) with { OtherKeys = [new PersonKey(KeyKind.AnonymousId, Unique("v")), new PersonKey(KeyKind.DeviceId, Unique("d"))] });
        await DrainAsync(Lane.Live);
        Assert.That(Sent, Is.Empty, "there is nobody yet whose alias it could be");
        await DrainAsync();
        await DrainAsync(Lane.Live);
        Assert.That(Sent, Is.EqualTo(new[] { "AddMember 0,1,2", "IdentifyProfile 1", "AddAlias 1" }));

        await AppendAsync(Profile(People[1], """{"city":"Bonn"}""", 2));
        Run = await StartRunAsync(Audience, destination: Name, minute: 3);
        await PlanAsync(Run, Audience, destination: Name);
        await DrainAsync();
        await DrainAsync(Lane.Live);
        Assert.That(Sent.Skip(3), Is.EqualTo(new[] { "UpsertProfile 0,1,2" }), "the vendor had the person");
    }

    [Test]
    public async Task Should_have_no_key_that_is_another_persons_too()
    {
        var visitor = new PersonKey(KeyKind.AnonymousId, Unique("v"));
        await AppendAsync(Profile(People[0], "{}", 1) with { OtherKeys = [visitor] }, Profile(People[1], "{}", 1) with { OtherKeys = [visitor] });
        await DrainAsync();
        await DrainAsync(Lane.Live);
        Assert.That(Sent, Is.EqualTo(new[] { "AddMember 0,1,2" }));
    }
}
