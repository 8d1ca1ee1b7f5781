using System.Text;
using IntegrationHub.Hub.Intake.Facts;
using IntegrationHub.Hub.Tests.Delivery;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Ledger;
using IntegrationHub.Storage.Retention;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace IntegrationHub.Hub.Tests.Intake.Facts;

/// <summary>What was known of consent when a fact was collected speaks for that fact alone: it is kept with it, and nothing that the person decided changes by it.</summary>
[TestFixture(StorageDatabase.Postgres)]
[TestFixture(StorageDatabase.Sqlite)]
public sealed class When_a_consent_travels_with_a_fact(StorageDatabase database) : DeliveryFixture(database)
{
    private string _person = null!;

    [SetUp]
    public async Task Make_somebody_known()
    {
        _person = Unique("ct");
        await AppendAsync(Profile(_person, "{}"));
    }

    [TestCase("denied", "granted", "behavior_tracked")]
    [TestCase("granted", "denied", "behavior_tracked")]
    [TestCase("denied", "granted", "profile_updated")]
    [TestCase("granted", "denied", "profile_updated")]
    [TestCase(null, "granted", "behavior_tracked")]
    [TestCase(null, "denied", "profile_updated")]
    public async Task Should_change_nothing_that_the_person_decided(string? decided, string collected, string type)
    {
        if (decided is not null)
        {
            await AppendAsync(Consent(_person, decided));
        }

        var before = await StandsAsync();
        await TakeInAsync(collected, type);

        Assert.That(await StandsAsync(), Is.EqualTo(before));
        Assert.That(await CountAsync($"SELECT count(*) FROM facts WHERE event_type = '{type}' AND CAST(body AS text) LIKE '%{_person}%' AND CAST(body AS text) LIKE '%checked_at%'"), Is.EqualTo(1), "evidence, kept with the fact");
    }

    /// <summary>Decisions that count, decisions ever written, and what is kept with the profile.</summary>
    private async Task<(long, long, long, long)> StandsAsync() => (
        await CountAsync($"SELECT count(*) FROM consents WHERE subject_key = 'id:{_person}'"),
        await CountAsync($"SELECT count(*) FROM consent_history WHERE subject_key = 'id:{_person}'"),
        await CountAsync($"SELECT count(*) FROM profiles WHERE external_id = '{_person}' AND consent LIKE '%granted%'"),
        await CountAsync($"SELECT count(*) FROM profiles WHERE external_id = '{_person}' AND consent LIKE '%denied%'"));

    private async Task TakeInAsync(string collected, string type)
    {
        var payload = type == "profile_updated" ? """{"attributes":{}}""" : """{"name":"product_viewed"}""";
        var fact = $$$"""
            {"event_id":"{{{Guid.NewGuid()}}}","event_type":"{{{type}}}","occurred_at":"{{{Noon.AddHours(1):O}}}","producer":"shop","subject":{"external_id":"{{{_person}}}"},
             "consent":{"purposes":{"email_marketing":"{{{collected}}}"},"source":"checkout","checked_at":"{{{Noon.AddHours(1):O}}}"},"payload":{{{payload}}}}
            """;
        var verdict = (await Intake().TakeInAsync([Encoding.UTF8.GetBytes(fact)], CancellationToken.None)).Single();
        Assert.That(verdict.Quarantined, Is.Null);
    }
}
