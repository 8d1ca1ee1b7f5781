using IntegrationHub.Hub.Diagnosis;
using IntegrationHub.Hub.Tests.Delivery;
using IntegrationHub.Storage;
using IntegrationHub.TestServers;

namespace IntegrationHub.Hub.Tests.Diagnosis;

[TestFixture(StorageDatabase.Postgres)]
[TestFixture(StorageDatabase.Sqlite)]
public sealed class When_many_look_at_once(StorageDatabase database) : DeliveryFixture(database)
{
    [Test]
    public async Task Should_read_once_for_them_and_anew_when_that_is_old()
    {
        using var opened = new OpenSituation(Transactions, Clock);
        var seen = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Task.Run(() => opened.LookAsync(CancellationToken.None))));
        Assert.That(seen.Distinct(ReferenceEqualityComparer.Instance).Count(), Is.LessThan(10));
        await Poll.Until(async () => await opened.LookAsync(CancellationToken.None) is var look && !Array.Exists(seen, earlier => ReferenceEquals(earlier, look)), "a reading that is none of those");
    }

    [Test]
    public async Task Should_let_the_next_one_read_when_one_could_not()
    {
        using var opened = new OpenSituation(Transactions, Clock);
        using var gone = new CancellationTokenSource();
        await gone.CancelAsync();
        Assert.That(() => opened.LookAsync(gone.Token), Throws.InstanceOf<OperationCanceledException>());
        Assert.That(await opened.LookAsync(CancellationToken.None), Is.Not.Null);
    }
}
