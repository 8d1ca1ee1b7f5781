using IntegrationHub.Storage;
using IntegrationHub.Storage.Ledger;

namespace IntegrationHub.Hub.Tests.Storage;

/// <summary>What was known of consent when a fact was collected may deny, and never grants over a denial.</summary>
[TestFixture(StorageDatabase.Postgres)]
[TestFixture(StorageDatabase.Sqlite)]
public sealed class When_a_consent_travels_with_a_fact(StorageDatabase database) : StorageFixture(database)
{
    private string _id = null!;
    private string _address = null!;

    [SetUp]
    public async Task Make_somebody_known()
    {
        (_id, _address) = (Unique("ct"), $"{Unique("ct")}@example.test");
        await AppendAsync(Profile(_id, "{}", 0, _address));
    }

    [Test]
    public async Task Should_deny()
    {
        await AppendAsync(Consent(_id, "granted", 1));
        await AppendAsync(Collected("denied", 2));
        Assert.That(await ConsentAsync(), Does.Contain("denied"));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task Should_not_lift_a_withdrawal_whenever_it_was_collected(bool byAddress)
    {
        await AppendAsync(byAddress ? Consent(null, "denied", 1, _address) : Consent(_id, "denied", 1));
        await AppendAsync(Collected("granted", 9));
        Assert.That(await ConsentAsync(), Does.Contain("denied"));
    }

    [Test]
    public async Task Should_give_way_to_a_withdrawal_that_is_older()
    {
        await AppendAsync(Collected("granted", 9));
        Assert.That(await ConsentAsync(), Does.Contain("granted"), "nothing else is known");
        await AppendAsync(Consent(_id, "denied", 1));
        Assert.That(await ConsentAsync(), Does.Contain("denied"));
    }

    [Test]
    public async Task Should_not_stand_before_a_decision_in_one_batch()
    {
        await AppendAsync(Collected("granted", 9), Consent(_id, "denied", 1), Collected("granted", 10));
        Assert.That(await ConsentAsync(), Does.Contain("denied"));
    }

    [Test]
    public async Task Should_be_lifted_by_a_later_decision_when_it_denied()
    {
        await AppendAsync(Collected("denied", 2));
        await AppendAsync(Consent(_id, "granted", 3));
        Assert.That(await ConsentAsync(), Does.Contain("granted"));
    }

    private LedgerFact Collected(string status, int minute) =>
        Profile(_id, "{}", minute) with { Consents = [new FactConsent("email_marketing", status, "checkout", Noon.AddMinutes(minute), Collected: true)] };

    private Task<string?> ConsentAsync() => TextAsync("SELECT consent FROM profiles WHERE external_id = @id", ("id", _id));
}
