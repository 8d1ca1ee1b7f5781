using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Storage.Verification;

namespace IntegrationHub.Hub.Tests.Verification;

/// <summary>How the members of an audience are read back from a vendor that can list them and look single people up.</summary>
public sealed class When_the_vendor_is_asked_for_members : VerificationFixture
{

    [Test]
    public async Task Should_look_up_thePeople_of_a_delta()
    {
        var totals = await CompareAsync(SyncMode.Delta);
        Assert.That(totals, Is.EqualTo(new VerificationTotals(5, 5, 0, 0)));
        Assert.That(Connector.Asked.SelectMany(asked => asked.Split(',')), Is.EquivalentTo(People), "each once, and no list");
    }

    [TestCase(SyncMode.Full)]
    [TestCase(SyncMode.Mirror)]
    public async Task Should_list_the_whole_audience_otherwise(string mode)
    {
        await CompareAsync(mode);
        Assert.That(Connector.Asked, Is.EqualTo(new[] { "list" }));
    }

    [TestCase(DestinationTrouble.Unavailable)]
    [TestCase(DestinationTrouble.Throttled)]
    public async Task Should_ask_again_only_where_the_vendor_stumbled(DestinationTrouble trouble)
    {
        var stumbles = 4;
        Connector.LookUp = people => people.Any(person => person.Key == People[0]) && stumbles-- > 0 ? throw Trouble(trouble) : people;
        Assert.That(await CompareAsync(SyncMode.Delta), Is.EqualTo(new VerificationTotals(5, 5, 0, 0)));
        Assert.That(Connector.Asked, Has.Count.EqualTo(3 + 4));
    }

    [Test]
    public async Task Should_give_up_when_the_vendor_goes_on_stumbling()
    {
        Connector.LookUp = people => people.Any(person => person.Key == People[0]) ? throw Trouble(DestinationTrouble.Unavailable) : people;
        await Assert.ThrowsAsync<DestinationException>(() => CompareAsync(SyncMode.Delta));
        Assert.That(Connector.Asked.Count(asked => asked.Contains(People[0], StringComparison.Ordinal)), Is.EqualTo(5));
    }

    [Test]
    public async Task Should_not_ask_again_where_only_a_person_can_help_and_leave_the_audience_free()
    {
        Connector.LookUp = _ => throw Trouble(DestinationTrouble.Unauthorized);
        await Assert.ThrowsAsync<DestinationException>(() => CompareAsync(SyncMode.Delta));
        Assert.That(Connector.Asked, Has.Count.EqualTo(3));
        Connector.LookUp = people => people;
        Assert.That(await CompareAsync(SyncMode.Delta), Is.Not.Null, "the lease was given back");
    }

    private static DestinationException Trouble(DestinationTrouble trouble) => new(new DestinationCondition(trouble, "trouble"));

    private async Task<VerificationTotals?> CompareAsync(string mode) => (await ReadBackAsync(Step(mode)))?.Totals;
}
