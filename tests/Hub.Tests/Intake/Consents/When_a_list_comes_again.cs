using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Intake.Consents;
using IntegrationHub.Hub.Intake.Facts;
using IntegrationHub.Hub.Tests.Delivery;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Ledger;
using IntegrationHub.Storage.Retention;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace IntegrationHub.Hub.Tests.Intake.Consents;

/// <summary>An audience's list is sent every day and is a copy: it costs nothing where it says nothing new, and its yes never outweighs what somebody decided.</summary>
[TestFixture(StorageDatabase.Postgres)]
[TestFixture(StorageDatabase.Sqlite)]
public sealed class When_a_list_comes_again(StorageDatabase database) : DeliveryFixture(database)
{
    private string _person = null!;
    private string _audience = null!;

    [SetUp]
    public void Name_them() => (_person, _audience) = (Unique("p"), Unique("list"));

    [TestCase("granted")]
    [TestCase("denied")]
    public async Task Should_take_in_nothing_that_is_known(string status)
    {
        await TakeInAsync(status, Noon);
        await TakeInAsync(status, Noon.AddDays(1));
        Assert.That(await CountAsync($"SELECT count(*) FROM facts WHERE producer = 'list:{_audience}'"), Is.EqualTo(1));
    }

    [Test]
    public async Task Should_take_in_a_no_after_a_yes()
    {
        await TakeInAsync("granted", ListedConsents.BeforeAnyDecision);
        await TakeInAsync("denied", Noon);
        Assert.That(await IsAsync("denied"), Is.True);
    }

    [Test]
    public async Task Should_not_let_a_yes_outweigh_a_decision()
    {
        await AppendAsync(Consent(_person, "denied"));
        await TakeInAsync("granted", Noon.AddDays(1));
        Assert.That(await IsAsync("denied"), Is.True);
    }

    [Test]
    public async Task Should_let_every_decision_outweigh_a_yes_however_late_it_is_told()
    {
        await TakeInAsync("granted", ListedConsents.BeforeAnyDecision);
        Assert.That(await IsAsync("granted"), Is.True);
        await AppendAsync(Consent(_person, "denied"));
        Assert.That(await IsAsync("denied"), Is.True);
    }

    [Test]
    public async Task Should_take_in_no_yes_when_the_list_may_only_deny()
    {
        var sources = new ConsentSource[] { new("preference-center", MayGrant: true, []) };
        Assert.That(await TakeInAsync("granted", ListedConsents.BeforeAnyDecision, sources), Is.EqualTo(1));
        Assert.That(await IsAsync("granted"), Is.False);
        Assert.That(await TakeInAsync("denied", Noon, sources), Is.Zero);
        Assert.That(await IsAsync("denied"), Is.True);
    }

    private async Task<bool> IsAsync(string status) =>
        await CountAsync($"SELECT count(*) FROM consents WHERE subject_key = 'id:{_person}' AND status = '{status}'") == 1;

    private Task<int> TakeInAsync(string status, DateTimeOffset at, IReadOnlyList<ConsentSource>? sources = null)
    {
        var hub = Acme.Hub();
        hub = hub with { Consent = hub.Consent with { Sources = sources } };
        return new ListedConsents(Intake(hub), Transactions, Ledger, hub).TakeInAsync(
            _audience, [new ConsentStatement(2, _person, null, "email_marketing", status, $"list:{_audience}", at)], CancellationToken.None);
    }
}
