using IntegrationHub.Storage;
using IntegrationHub.TestServers;

namespace IntegrationHub.Hub.Tests.Storage;

[TestFixture(StorageDatabase.Postgres)]
[TestFixture(StorageDatabase.Sqlite)]
public sealed class When_a_quota_is_shared(StorageDatabase database) : StorageFixture(database)
{
    [Test]
    public async Task Should_change_the_row_one_after_the_other()
    {
        var destination = Unique("dest");
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(() => WriteAsync(
            db => Quotas.ChangeAsync(db, destination, (state, _) => $"{int.Parse(state ?? "0", null) + 1}", CancellationToken.None)))));
        Assert.That(await ReadAsync(db => Quotas.FindAsync(db, destination, CancellationToken.None)), Is.EqualTo("20"));
    }

    [Test]
    public async Task Should_tell_the_time_and_nothing_of_a_row_that_is_not_there()
    {
        var destination = Unique("dest");
        Assert.That(await ReadAsync(db => Quotas.FindAsync(db, destination, CancellationToken.None)), Is.Null);
        await WriteAsync(db => Quotas.ChangeAsync(
            db,
            destination,
            (state, now) =>
            {
                Assert.That(state, Is.Null);
                Assert.That(now, Is.EqualTo(TimeProvider.System.GetUtcNow()).Within(Poll.Patience));
                return "x";
            },
            CancellationToken.None));
    }
}
