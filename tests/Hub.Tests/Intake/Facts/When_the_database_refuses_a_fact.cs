using System.Text;
using IntegrationHub.Hub.Intake.Facts;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Tests.Delivery;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Ledger;
using IntegrationHub.Storage.Retention;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace IntegrationHub.Hub.Tests.Intake.Facts;

/// <summary>A fact that reads well and that only the database finds wrong: the batch is halved until it stands alone. A trigger stands for what nobody foresaw.</summary>
[TestFixture(StorageDatabase.Postgres)]
[TestFixture(StorageDatabase.Sqlite)]
public sealed class When_the_database_refuses_a_fact(StorageDatabase database) : DeliveryFixture(database)
{
    private const string PostgresTrigger =
        """
        CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN IF NEW.producer = 'refused' THEN RAISE EXCEPTION 'refused' USING ERRCODE = '22P02'; END IF; RETURN NEW; END $$;
        CREATE TRIGGER refuse BEFORE INSERT ON facts FOR EACH ROW EXECUTE FUNCTION refuse();
        """;

    private const string SqliteTrigger = "CREATE TRIGGER refuse BEFORE INSERT ON facts WHEN NEW.producer = 'refused' BEGIN SELECT RAISE(ABORT, 'refused'); END";

    private string _good = null!;

    [OneTimeSetUp]
    public Task Refuse() => WriteAsync(async db =>
    {
        await using var session = await DbSession.OpenAsync(db, CancellationToken.None);
        await session.ExecuteAsync(IsPostgres ? PostgresTrigger : SqliteTrigger, CancellationToken.None);
    });

    [SetUp]
    public void Name_the_producer() => _good = Unique("good");

    [TestCase(new[] { 0 }, 1)]
    [TestCase(new[] { 4 }, 9)]
    [TestCase(new[] { 0, 5, 8 }, 9)]
    [TestCase(new[] { 0, 1, 2 }, 3)]
    public async Task Should_set_it_aside_alone_and_take_in_its_neighbours(int[] refused, int facts)
    {
        var before = await CountAsync("SELECT count(*) FROM quarantined_facts");
        var verdicts = await Intake().TakeInAsync([.. Enumerable.Range(0, facts).Select(i => Fact(refused.Contains(i) ? "refused" : _good))], CancellationToken.None);
        Assert.That(Enumerable.Range(0, facts).Where(i => verdicts[i].Quarantined?.Code == "database_refused"), Is.EqualTo(refused));
        Assert.That(verdicts.Count(verdict => verdict.Fact is not null), Is.EqualTo(facts - refused.Length));
        Assert.That(await CountAsync($"SELECT count(*) FROM facts WHERE producer = '{_good}'"), Is.EqualTo(facts - refused.Length));
        Assert.That(await CountAsync("SELECT count(*) FROM quarantined_facts") - before, Is.EqualTo(refused.Length));
    }

    [Test]
    public async Task Should_keep_apart_what_was_unreadable_and_what_was_refused()
    {
        var before = await CountAsync("SELECT count(*) FROM quarantined_facts");
        var verdicts = await Intake().TakeInAsync([Fact(_good), Bytes("no json"), Fact("refused"), Fact(_good)], CancellationToken.None);
        Assert.That(verdicts.Select(verdict => verdict.Quarantined?.Code), Is.EqualTo(new[] { null, "json_malformed", "database_refused", null }));
        Assert.That(await CountAsync("SELECT count(*) FROM quarantined_facts") - before, Is.EqualTo(2));
        Assert.That(await CountAsync($"SELECT count(*) FROM facts WHERE producer = '{_good}'"), Is.EqualTo(2));
    }

    [Test]
    public async Task Should_set_a_repeated_bad_fact_aside_once_and_deny_once()
    {
        var person = Unique("px");
        var bad = Bytes($$$$"""{"event_id":"{{{{Guid.NewGuid()}}}}","event_type":"consent_updated","occurred_at":"2026-11-20T10:00:00Z","producer":"{{{{_good}}}}","subject":{"external_id":"{{{{person}}}}"},"payload":{"purpose":"email_marketing","status":"denied","source":null}}""");
        var before = await CountAsync("SELECT count(*) FROM quarantined_facts");
        await Intake().TakeInAsync([bad, bad], CancellationToken.None);
        await Intake().TakeInAsync([bad], CancellationToken.None);
        Assert.That(await CountAsync("SELECT count(*) FROM quarantined_facts") - before, Is.EqualTo(1));
        Assert.That(await CountAsync($"SELECT count(*) FROM consents WHERE subject_key = 'id:{person}' AND status = 'denied'"), Is.EqualTo(1));
        Assert.That(await CountAsync($"SELECT count(*) FROM consent_history WHERE subject_key = 'id:{person}'"), Is.EqualTo(1));
    }

    [Test]
    public async Task Should_take_an_outage_for_no_fault_of_the_facts()
    {
        var before = await CountAsync("SELECT count(*) FROM quarantined_facts");
        var intake = Intake(transactions: new OutboxTransaction(new StumblingScopes(Scopes, stumbles: 1)));
        Assert.That(async () => await intake.TakeInAsync([Fact(_good), Fact(_good)], CancellationToken.None), Throws.InvalidOperationException);
        Assert.That(await CountAsync($"SELECT count(*) FROM facts WHERE producer = '{_good}'"), Is.Zero);
        Assert.That(await CountAsync("SELECT count(*) FROM quarantined_facts") - before, Is.Zero);
        await intake.TakeInAsync([Fact(_good)], CancellationToken.None);
        Assert.That(await CountAsync($"SELECT count(*) FROM facts WHERE producer = '{_good}'"), Is.EqualTo(1), "given again, it is taken in");
    }

    private static ReadOnlyMemory<byte> Fact(string producer) => Bytes(
        $$$$"""{"event_id":"{{{{Guid.NewGuid()}}}}","event_type":"profile_updated","occurred_at":"2026-11-20T10:00:00Z","producer":"{{{{producer}}}}","subject":{"external_id":"{{{{Unique("p")}}}}"},"payload":{"attributes":{"city":"Bonn"}}}""");

    private static ReadOnlyMemory<byte> Bytes(string text) => Encoding.UTF8.GetBytes(text);
}
