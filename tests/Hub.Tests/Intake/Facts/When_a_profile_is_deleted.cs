using System.Text;
using IntegrationHub.Hub.Consent;
using IntegrationHub.Hub.Intake.Facts;
using IntegrationHub.Hub.Tests.Delivery;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Ledger;
using IntegrationHub.Storage.Retention;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace IntegrationHub.Hub.Tests.Intake.Facts;

/// <summary>Whom a producer deleted is left alone, whatever they agreed to, before and after.</summary>
[TestFixture(StorageDatabase.Postgres)]
[TestFixture(StorageDatabase.Sqlite)]
public sealed class When_a_profile_is_deleted(StorageDatabase database) : DeliveryFixture(database)
{
    private string _person = null!;
    private string _other = null!;
    private string _address = null!;

    [SetUp]
    public void Choose_people() => (_person, _other, _address) = (Unique("gone"), Unique("stays"), $"{Unique("m")}@x.test");

    [TestCase(true)]
    [TestCase(false)]
    public async Task Should_send_the_person_nothing_any_more_and_others_with_the_address_as_before(bool knownBefore)
    {
        LedgerFact[] known = [Profile(_person, "{}", 0, _address), Profile(_other, "{}", 0, _address), Consent(_person, "granted"), Consent(_other, "granted")];
        if (knownBefore)
        {
            await AppendAsync(known);
            Assert.That(await DecideAsync(_person), Is.EqualTo((true, (string?)null)));
        }

        await DeleteAsync($$"""{"external_id":"{{_person}}","email":"{{_address}}"}""");
        await AppendAsync(knownBefore ? [Consent(_person, "granted", 5)] : known);

        Assert.That(await DecideAsync(_person), Is.EqualTo((false, (string?)ConsentCode.Suppressed)), "a newer grant brings nobody back who was deleted");
        Assert.That(await DecideAsync(_other), Is.EqualTo((true, (string?)null)));
    }

    [Test]
    public async Task Should_leave_everybody_alone_who_has_the_address_when_that_is_all_that_is_named()
    {
        await AppendAsync(Profile(_person, "{}", 0, _address), Consent(_person, "granted"));
        await DeleteAsync($$"""{"email":"{{_address}}"}""");
        Assert.That(await DecideAsync(_person), Is.EqualTo((false, (string?)ConsentCode.Suppressed)));
    }

    private async Task<(bool, string?)> DecideAsync(string person)
    {
        var stored = await TextAsync("SELECT consent FROM profiles WHERE external_id = @id", ("id", person));
        var decision = new ConsentPolicy(Acme.Hub().Consent).Decide(["email_marketing"], stored!, Noon.AddHours(1));
        return (decision.Allowed, decision.Allowed ? null : decision.Code);
    }

    private async Task DeleteAsync(string subject)
    {
        var fact = $$$"""{"event_id":"{{{Guid.NewGuid()}}}","event_type":"profile_deleted","occurred_at":"{{{Noon:O}}}","producer":"shop","subject":{{{subject}}},"payload":{"reason":"erasure_request"}}""";
        Assert.That((await Intake().TakeInAsync([Encoding.UTF8.GetBytes(fact)], CancellationToken.None)).Single().Quarantined, Is.Null);
    }
}
