using IntegrationHub.Storage;
using IntegrationHub.Storage.Backfills;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Ledger;

namespace IntegrationHub.Hub.Tests.Backfills;

/// <summary>Whom chosen facts of the log tell of is written as they are now: never an old value over a newer one, and not only where the hub doubts itself.</summary>
[TestFixture(StorageDatabase.Sqlite)]
[TestFixture(StorageDatabase.Postgres)]
public sealed class When_state_is_owed_again(StorageDatabase database) : BackfillFixture(database)
{
    [Test]
    public async Task Should_be_about_the_people_of_the_chosen_facts_and_write_what_holds_now()
    {
        Knows(0, 1, 2);
        var producer = Unique("crm");
        await AppendAsync(Profile(People[0], """{ "city": "Bern" }""", 5) with { Producer = producer });
        await AppendAsync(Profile(People[0], """{ "city": "Oslo" }""", 9));
        var run = await PlanAsync(Attributes(Town) with { Facts = await EndAsync() with { Producers = [producer] } });
        Assert.That(await PendingAsync(run), Is.EqualTo(1));
        await DeliverAsync();
        Assert.That(Enumerable.Range(0, 3).Select(person => Shows(person).Town), Is.EqualTo(new[] { "Oslo", "Paris", "Paris" }), "newer than the fact that was chosen");
    }

    [Test]
    public async Task Should_be_about_the_named_people_among_them_alone()
    {
        var producer = Unique("crm");
        await AppendAsync(Profile(People[0], """{ "city": "Bern" }""", 5) with { Producer = producer }, Profile(People[1], """{ "city": "Bern" }""", 5) with { Producer = producer });
        var facts = await EndAsync() with { Producers = [producer] };
        Assert.That(await PendingAsync(await PlanAsync(Attributes(Town) with { Facts = facts })), Is.EqualTo(2));
        Assert.That(await PendingAsync(await PlanAsync(Attributes(Town) with { Facts = facts }, named: [People[1], People[2]])), Is.EqualTo(1));
        Assert.That(await PendingAsync(await PlanAsync(Attributes(Town) with { Facts = facts with { From = Noon.AddMinutes(6) } }, named: People)), Is.Zero, "from is in it");
        Assert.That(await PendingAsync(await PlanAsync(Attributes(Town) with { Facts = facts with { To = Noon.AddMinutes(5) } })), Is.Zero, "to is not");
        Assert.That(await PendingAsync(await PlanAsync(Attributes(Town) with { Facts = facts with { Types = ["behavior_tracked"] } })), Is.Zero);
    }

    [TestCase(1)]
    [TestCase(2)]
    [TestCase(50)]
    public async Task Should_look_at_all_named_people_however_few_at_a_time(int most)
    {
        var producer = Unique("crm");
        await AppendAsync(Profile(People[1], """{ "city": "Bern" }""", 5) with { Producer = producer });
        var (facts, run) = (await EndAsync() with { Producers = [producer] }, Guid.NewGuid());
        await WriteAsync(db => BackfillBook.AddAsync(db, run, Attributes(Town), People, null, null, CancellationToken.None));
        Assert.That(await CountRowsAsync("run_scope", run), Is.EqualTo(3));
        await WriteAsync(db => StatedPeople.KeepAsync(db, run, facts, ["profile_updated"], null, CancellationToken.None, most));
        Assert.That(await TextAsync("SELECT p.external_id FROM run_scope s JOIN profiles p ON p.profile_id = s.profile_id WHERE s.run_id = @run", ("run", run)), Is.EqualTo(People[1]));
        Assert.That(await CountRowsAsync("run_scope", run), Is.EqualTo(1));
        await WriteAsync(db => StatedPeople.KeepAsync(db, run, facts, ["profile_updated"], Clock.Now.AddYears(1), CancellationToken.None, most));
        Assert.That(await CountRowsAsync("run_scope", run), Is.Zero, "nothing is looked at that came in before any chosen fact can have");
    }

    /// <summary>The vendor lost what it had confirmed: a backfill of attributes trusts the hub's notes, who owes it again does not.</summary>
    [Test]
    public async Task Should_not_trust_what_was_confirmed()
    {
        Knows(0, 1, 2);
        await PlanAsync(new BackfillScope("attributes"));
        await DeliverAsync();
        Assert.That(await PendingAsync(await PlanAsync(new BackfillScope("attributes"))), Is.Zero);
        Vendor.Set(People[0], Town, "Paris");
        await PlanAsync(new BackfillScope("attributes") { Facts = await EndAsync() }, named: People);
        await DeliverAsync();
        Assert.That(Shows(0).Town, Is.EqualTo("Rome"));
        Assert.That(Vendor.Written[^1].Items.Select(item => item.Key), Is.EqualTo(new[] { People[0] }), "only what differs is written");
    }

    private async Task<FactSelection> EndAsync() => new(Until: await ReadAsync(db => FactLog.FindEndAsync(db, CancellationToken.None)));

    private async Task<long> PendingAsync(Guid run) =>
        (await ReadAsync(db => BackfillBook.ReadTalliesAsync(db, run, CancellationToken.None))).Where(tally => tally.Outcome == "pending").Sum(tally => tally.Count);
}
