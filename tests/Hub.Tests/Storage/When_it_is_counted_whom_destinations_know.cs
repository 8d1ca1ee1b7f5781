using IntegrationHub.Storage;
using IntegrationHub.Storage.Destinations;

namespace IntegrationHub.Hub.Tests.Storage;

[TestFixture(StorageDatabase.Postgres)]
[TestFixture(StorageDatabase.Sqlite)]
public sealed class When_it_is_counted_whom_destinations_know(StorageDatabase database) : StorageFixture(database)
{
    [Test]
    public async Task Should_tell_who_is_held_who_shares_a_key_and_who_lacks_it()
    {
        var (vip, mail) = (Unique("vip"), $"{Unique("m")}@x.test");
        var people = Enumerable.Range(0, 5).Select(i => Unique($"p{i}")).ToArray();
        await AppendAsync([.. people.Select((id, i) => Profile(id, "{}", 0, i < 2 ? mail : i == 2 ? $"{Unique("m")}@x.test" : null)), .. people.Take(4).Select(id => Membership(id, vip, true))]);
        var run = await StartRunAsync(vip);
        await PlanAsync(run, vip);
        var lease = await LeaseAsync();
        var claim = await ClaimAsync(lease);
        await SettleAsync(lease, claim.Take(3).Select(delivery => Delivered(delivery) with { RemoteId = delivery == claim[2] ? "r-other" : "r-one" }));

        Assert.That(await ReadAsync(db => MatchRates.CountAsync(db, vip, Braze, "email", CancellationToken.None)), Is.EqualTo(new MatchRate(vip, Braze, 4, 1, 2, 3, 2, 3)));
        var byId = await ReadAsync(db => MatchRates.CountAsync(db, vip, Braze, "external_id", CancellationToken.None));
        Assert.That((byId.WithoutKey, byId.SharingKey, byId.Rate), Is.EqualTo((0, 0, 0.75)));
        Assert.That((await ReadAsync(db => MatchRates.CountAsync(db, "nobody", Braze, "email", CancellationToken.None))).Rate, Is.Null);
    }
}
