using IntegrationHub.Storage;
using IntegrationHub.Storage.Verification;

namespace IntegrationHub.Hub.Tests.Storage;

[TestFixture(StorageDatabase.Postgres)]
[TestFixture(StorageDatabase.Sqlite)]
public sealed class When_two_want_to_read_back(StorageDatabase database) : StorageFixture(database)
{
    private static readonly TimeSpan _minute = TimeSpan.FromMinutes(1);

    [Test]
    public async Task Should_let_one_read_an_audience_and_others_other_ones()
    {
        var (destination, audience) = (Unique("dest"), Unique("aud"));
        var first = (await TakeAsync(destination, audience, "one"))!;
        Assert.That(await TakeAsync(destination, audience, "two"), Is.Null);
        Assert.That(await TakeAsync(destination, Unique("aud"), "two"), Is.Not.Null);
        Assert.That(await TakeAsync(Unique("dest"), audience, "two"), Is.Not.Null);
        Assert.That(await RenewAsync(first), Is.True);
    }

    [Test]
    public async Task Should_let_the_next_one_read_when_the_first_is_done()
    {
        var (destination, audience) = (Unique("dest"), Unique("aud"));
        var first = (await TakeAsync(destination, audience, "one"))!;
        await WriteAsync(db => ReadBackLeases.ReleaseAsync(db, first, CancellationToken.None));
        var second = (await TakeAsync(destination, audience, "one"))!;
        Assert.That(second.Epoch, Is.GreaterThan(first.Epoch));
        Assert.That((await RenewAsync(first), await RenewAsync(second)), Is.EqualTo((false, true)), "two readers are never one, even by one name");
    }

    private Task<ReadBackLease?> TakeAsync(string destination, string audience, string owner) =>
        WriteAsync(db => ReadBackLeases.TakeAsync(db, destination, audience, owner, _minute, CancellationToken.None));

    private Task<bool> RenewAsync(ReadBackLease lease) => WriteAsync(db => ReadBackLeases.RenewAsync(db, lease, _minute, CancellationToken.None));
}
