using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.OptOuts;

namespace IntegrationHub.Hub.Tests.Delivery;

/// <summary>When a vendor was told that somebody may not be sent is kept, where the vendor has a feed that will tell it back.</summary>
[TestFixture(StorageDatabase.Postgres)]
[TestFixture(StorageDatabase.Sqlite)]
public sealed class When_a_denial_is_told(StorageDatabase database) : DrainFixture(database)
{
    private string _address = null!;

    [SetUp]
    public async Task Give_the_person_an_address()
    {
        _address = $"{Unique("a")}@example.test";
        await AppendAsync(Profile(People[1], "{}") with { Email = _address });
        await UseAsync("unsubscribes");
    }

    [Test]
    public async Task Should_be_noted_from_the_call_to_its_answer_under_every_name_that_the_feed_may_use()
    {
        var began = Clock.Now = Clock.Now.AddTicks(-(Clock.Now.Ticks % TimeSpan.TicksPerMillisecond));
        Vendor.Deliver = batch =>
        {
            Clock.Now += TimeSpan.FromSeconds(3);
            return Task.FromResult(new Receipt { Outcomes = [.. batch.Items.Select(item => AcmeConnector.Told(item, Outcome.Delivered) with { RemoteId = "r-1" })] });
        };
        Vendor.BeforeCall = _ =>
        {
            Clock.Now += TimeSpan.FromSeconds(2);
            return Task.CompletedTask;
        };
        await DenyAsync(People[1]);
        await DrainAsync(Lane.Urgent);

        (DateTimeOffset, DateTimeOffset, string)[] expected = [(began.AddSeconds(2), began.AddSeconds(5), "")];
        Assert.That(await ToldAsync(ToldDenials.NameOfEmail(_address)!), Is.EqualTo(expected), "not while it waited for its admission");
        Assert.That(await ToldAsync(ToldDenials.NameOfRemoteId("r-1")!), Is.EqualTo(expected));
    }

    [Test]
    public async Task Should_be_noted_though_the_answer_was_lost()
    {
        Vendor.Deliver = batch => Task.FromResult(Told(batch, Outcome.RetryLater));
        await DenyAsync(People[1]);
        await DrainAsync(Lane.Urgent);
        Assert.That(await ToldAsync(ToldDenials.NameOfEmail(_address)!), Has.Length.EqualTo(1));
    }

    [Test]
    public async Task Should_not_be_noted_of_a_grant_nor_where_nothing_is_told_back()
    {
        await DenyAsync(People[1]);
        await AppendAsync(Consent(People[1], "granted", 8));
        await DrainAsync(Lane.Urgent);
        Assert.That(Vendor.Delivered.SelectMany(batch => batch.Items).Select(item => item.Consent!.MarketingEmail).ToArray(), Is.Not.Empty.And.No.Member(false));
        await UseAsync();
        await DenyAsync(People[1], minute: 9);
        await DrainAsync(Lane.Urgent);
        Assert.That(Vendor.Delivered, Has.Count.EqualTo(1));
        Assert.That(await ToldAsync(ToldDenials.NameOfEmail(_address)!), Is.Empty);
    }

    [Test]
    public async Task Should_be_noted_where_notifications_tell_it_back()
    {
        await UseAsync();
        var source = IntegrationHub.Hub.Tests.Intake.Webhooks.Sources.Of(SourceDialect.Hubspot) with { Destination = Name, OptOuts = new Dictionary<string, OptOutProperty> { ["hs_email_optout"] = new(Acme.Purpose, ["true"]) } };
        await Destination.DisposeAsync();
        Destination = Acme.Destination(Vendor, name: Name, audience: Audience, sources: new Dictionary<string, SourceConfiguration> { [source.Name] = source });
        await DenyAsync(People[1]);
        await DrainAsync(Lane.Urgent);
        Assert.That(await ToldAsync(ToldDenials.NameOfEmail(_address)!), Has.Length.EqualTo(1));
    }

    private async Task UseAsync(params string[] feeds)
    {
        await Close();
        Vendor = new AcmeConnector { Descriptor = Acme.Descriptor, OptOutFeeds = feeds };
        Destination = Acme.Destination(Vendor, name: Name, audience: Audience);
    }

    private async Task<(DateTimeOffset, DateTimeOffset, string)[]> ToldAsync(string name) =>
        [.. (await ReadAsync(db => ToldDenials.FindAsync(db, Name, [name], CancellationToken.None)))[name].Select(denial => (denial.BeganAt, denial.EndedAt, denial.Topic))];
}
