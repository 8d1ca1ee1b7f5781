using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Identity;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Ledger;
using Microsoft.Extensions.DependencyInjection;
using Settlement = IntegrationHub.Storage.Deliveries.Settlement;

namespace IntegrationHub.Hub.Tests.Storage;

/// <summary>What was written once to one of two people counts as written to the one that they are, since the earliest time, and stays so when they are taken apart.</summary>
[TestFixture(StorageDatabase.Postgres)]
[TestFixture(StorageDatabase.Sqlite)]
public sealed class When_people_with_written_fields_become_one(StorageDatabase database) : StorageFixture(database)
{
    private string _destination = null!;
    private string _stays = null!;
    private string _ends = null!;

    protected override void AddServices(IServiceCollection services) => services.AddSingleton(IdentityRules.Default);

    [SetUp]
    public async Task Make_two_people()
    {
        (_destination, _stays, _ends) = (Unique("dest"), Unique("a"), Unique("b"));
        await AppendAsync(Profile(_stays, "{}"), Profile(_ends, "{}"));
    }

    [Test]
    public async Task Should_be_written_to_both_since_the_earliest_time()
    {
        await SettleAsync(_stays, 5, "code", "title");
        await SettleAsync(_ends, 3, "code", "plan");
        await DecideAsync(IdentityVerdict.Merge, 6);
        (string, DateTimeOffset?)[] joined = [("code", Noon.AddMinutes(3)), ("plan", Noon.AddMinutes(3)), ("title", Noon.AddMinutes(5))];
        Assert.That(await WrittenAsync(_stays), Is.EqualTo(joined));

        await DecideAsync(IdentityVerdict.Unmerge, 7);
        Assert.That(await WrittenAsync(_stays), Is.EqualTo(joined), "who was given it once stays given it");
        Assert.That(await WrittenAsync(_ends), Is.EqualTo(new (string, DateTimeOffset?)[] { ("code", Noon.AddMinutes(3)), ("plan", Noon.AddMinutes(3)) }));
    }

    [TestCase("A", "A", "A")]
    [TestCase("A", "B", "", Description = "no value is the one that may be there")]
    public async Task Should_be_in_doubt_together(string one, string other, string hash)
    {
        await OfferAsync(_stays, "code", one);
        await OfferAsync(_ends, "code", other);
        await SettleAsync(_ends, 3, "plan");
        await OfferAsync(_stays, "plan", "P");
        await DecideAsync(IdentityVerdict.Merge, 6);
        var found = await FindAsync(_stays);
        Assert.That(found.Select(field => (field.Field, field.OfferedHash, field.WrittenAt)), Is.EqualTo(new (string, string?, DateTimeOffset?)[] { ("code", hash, null), ("plan", null, Noon.AddMinutes(3)) }));
    }

    private async Task<long> IdAsync(string person) => await CountAsync($"SELECT profile_id FROM profiles WHERE external_id = '{person}'");

    private async Task OfferAsync(string person, string field, string hash)
    {
        var id = await IdAsync(person);
        await WriteAsync(db => WrittenFields.OfferAsync(db, _destination, [(id, field, hash)], CancellationToken.None));
    }

    private async Task SettleAsync(string person, int minute, params string[] fields)
    {
        var delivery = new ClaimedDelivery { DeliveryId = 1, RunId = Guid.Empty, Audience = "", Operation = Operation.UpsertProfile, Attempt = 0, ProfileId = await IdAsync(person), AttributesJson = "", ConsentJson = "{}", ProfileVersion = 1 };
        await WriteAsync(db => WrittenFields.SettleAsync(
            db, _destination, [new Settlement { Delivery = delivery, Outcome = LedgerOutcome.Delivered, Offered = [.. fields.Select(field => new OfferedField(field, IsFirst: true))] }], Noon.AddMinutes(minute), CancellationToken.None));
    }

    private async Task<IReadOnlyList<WrittenField>> FindAsync(string person)
    {
        var id = await IdAsync(person);
        return [.. (await ReadAsync(db => WrittenFields.FindAsync(db, _destination, [id], CancellationToken.None))).Values.OrderBy(field => field.Field)];
    }

    private async Task<IEnumerable<(string, DateTimeOffset?)>> WrittenAsync(string person) => (await FindAsync(person)).Select(field => (field.Field, field.WrittenAt));

    private Task DecideAsync(IdentityVerdict verdict, int minute) => WriteAsync(db => Scopes.CreateScope().ServiceProvider.GetRequiredService<IdentityDesk>().DecideAsync(
        db, new IdentityRuling(verdict, new PersonKey(KeyKind.ExternalId, _stays), new PersonKey(KeyKind.ExternalId, _ends), "kim", "because"), Noon.AddMinutes(minute), CancellationToken.None));
}
