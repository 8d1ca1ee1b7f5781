using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Hub.Delivery;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Runs;
using IntegrationHub.Hub.Tests.Delivery;
using IntegrationHub.Hub.Verification;
using IntegrationHub.Storage.Verification;
using Microsoft.Extensions.Logging.Abstractions;

namespace IntegrationHub.Hub.Tests.Runs;

/// <summary>How the members of an audience are read back from a vendor that can list them and look single people up.</summary>
public sealed class When_the_vendor_is_asked_for_members : DeliveryFixture
{
    private string _audience = null!;
    private string _name = null!;
    private string[] _people = null!;
    private Guid _run;
    private AcmeConnector _connector = null!;
    private Destination _destination = null!;

    [SetUp]
    public async Task Deliver()
    {
        (_audience, _name) = (Unique("aud"), Unique("dest"));
        _people = [.. Enumerable.Range(0, 5).Select(_ => Unique("p"))];
        await ApplyAsync(_audience, "full", 0, _people);
        _run = await StartRunAsync(_audience, destination: _name);
        await PlanAsync(_run, _audience, destination: _name);
        await DeliverAllAsync(destination: _name);
        _connector = new AcmeConnector();
        _destination = Acme.Destination(_connector, name: _name, audience: _audience);
        Clock.Now = Noon;
    }

    [TearDown]
    public async Task Close() => await _destination.DisposeAsync();

    [Test]
    public async Task Should_look_up_the_people_of_a_delta()
    {
        var totals = await CompareAsync(SyncMode.Delta);
        Assert.That(totals, Is.EqualTo(new VerificationTotals(5, 5, 0, 0)));
        Assert.That(_connector.Asked.SelectMany(asked => asked.Split(',')), Is.EquivalentTo(_people), "each once, and no list");
    }

    [TestCase(SyncMode.Full)]
    [TestCase(SyncMode.Mirror)]
    public async Task Should_list_the_whole_audience_otherwise(string mode)
    {
        await CompareAsync(mode);
        Assert.That(_connector.Asked, Is.EqualTo(new[] { "list" }));
    }

    [TestCase(DestinationTrouble.Unavailable)]
    [TestCase(DestinationTrouble.Throttled)]
    public async Task Should_ask_again_only_where_the_vendor_stumbled(DestinationTrouble trouble)
    {
        var stumbles = 4;
        _connector.LookUp = people => people.Any(person => person.Key == _people[0]) && stumbles-- > 0 ? throw Trouble(trouble) : people;
        Assert.That(await CompareAsync(SyncMode.Delta), Is.EqualTo(new VerificationTotals(5, 5, 0, 0)));
        Assert.That(_connector.Asked, Has.Count.EqualTo(3 + 4));
    }

    [Test]
    public void Should_give_up_when_the_vendor_goes_on_stumbling()
    {
        _connector.LookUp = people => people.Any(person => person.Key == _people[0]) ? throw Trouble(DestinationTrouble.Unavailable) : people;
        Assert.ThrowsAsync<DestinationException>(() => CompareAsync(SyncMode.Delta));
        Assert.That(_connector.Asked.Count(asked => asked.Contains(_people[0], StringComparison.Ordinal)), Is.EqualTo(5));
    }

    [Test]
    public async Task Should_not_ask_again_where_only_a_person_can_help_and_leave_the_audience_free()
    {
        _connector.LookUp = _ => throw Trouble(DestinationTrouble.Unauthorized);
        Assert.ThrowsAsync<DestinationException>(() => CompareAsync(SyncMode.Delta));
        Assert.That(_connector.Asked, Has.Count.EqualTo(3));
        _connector.LookUp = people => people;
        Assert.That(await CompareAsync(SyncMode.Delta), Is.Not.Null, "the lease was given back");
    }

    private static DestinationException Trouble(DestinationTrouble trouble) => new(new DestinationCondition(trouble, "trouble"));

    private async Task<VerificationTotals?> CompareAsync(string mode)
    {
        using var targets = Targets();
        return await new MemberReadBack(Transactions, Verification, Deliveries, targets, Microsoft.Extensions.Options.Options.Create(Options), Clock, NullLogger<MemberReadBack>.Instance).CompareAsync(
            _destination, new VerifyAudienceSync { RunId = _run, Audience = _audience, Destination = _name, Mode = mode, Round = 1 }, CancellationToken.None);
    }
}
