using IntegrationHub.Hub.Diagnosis;
using IntegrationHub.Hub.Tests.Delivery;
using IntegrationHub.Storage;

namespace IntegrationHub.Hub.Tests.Diagnosis;

/// <summary>On PostgreSQL alone: the client library of SQLite reads without letting go, so that nobody asks meanwhile.</summary>
[TestFixture(StorageDatabase.Postgres)]
public sealed class When_many_look_at_once(StorageDatabase database) : DeliveryFixture(database)
{
    [Test]
    public async Task Should_read_for_all_who_ask_meanwhile_and_anew_for_who_asks_then()
    {
        using var opened = new OpenSituation(Transactions, Clock);
        var seen = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => opened.LookAsync(CancellationToken.None)));
        Assert.That(seen.Distinct(ReferenceEqualityComparer.Instance).Count(), Is.LessThan(25));
        var later = await opened.LookAsync(CancellationToken.None);
        Assert.That(Array.Exists(seen, earlier => ReferenceEquals(earlier, later)), Is.False);
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
