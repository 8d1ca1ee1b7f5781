using System.Text;
using IntegrationHub.Hub.Intake.Catalog.Drift;
using IntegrationHub.Hub.Intake.Facts;
using IntegrationHub.Hub.Tests.Delivery;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Ledger;
using IntegrationHub.Storage.Paging;
using IntegrationHub.Storage.Retention;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace IntegrationHub.Hub.Tests.Intake.Catalog;

/// <summary>Facts and violations are counted once, in the transaction that takes them in.</summary>
[TestFixture(StorageDatabase.Postgres)]
[TestFixture(StorageDatabase.Sqlite)]
public sealed class When_what_came_in_is_counted(StorageDatabase database) : DeliveryFixture(database)
{
    [Test]
    public async Task Should_count_each_fact_once_however_often_it_comes()
    {
        var producer = Unique("shop");
        var good = Fact(producer, """{"attributes":{"city":"Bonn"}}""");
        var more = Fact(producer, """{"attributes":{"city":"Bonn"},"colour":"red"}""");
        var bad = Fact(producer, """{"attributes":"Bonn"}""");
        await Intake().TakeInAsync([good, more, bad, good, Fact(producer, """{"colour":"blue","attributes":{}}""")], CancellationToken.None);
        await Intake().TakeInAsync([more, bad], CancellationToken.None);

        var volume = (await Transactions.ReadAsync(db => FactBook.VolumesAsync(db, TimeProvider.System.GetUtcNow(), CancellationToken.None))).Single(row => row.Producer == producer);
        Assert.That((volume.EventType, volume.LastDay, volume.Total, volume.Quarantined), Is.EqualTo(("profile_updated", 3L, 3L, 1L)));
        var violations = await ViolationsAsync(producer);
        Assert.That(
            violations.Select(tally => (tally.Violation.Type, tally.Violation.Path, tally.Violation.Expected, tally.Violation.Found, tally.Violation.Action, tally.Count)),
            Is.EquivalentTo(new[] { ("unplanned_property", "payload.colour", (string?)null, "string", "omit", 2L), ("type_mismatch", "payload.attributes", "object", "string", "quarantine", 1L) }));
        Assert.That(violations.All(tally => tally.FirstAt <= tally.LastAt && tally.Violation.SampleEventId is not null), Is.True);
    }

    [Test]
    public async Task Should_count_nothing_of_what_was_rolled_back()
    {
        var producer = Unique("rolled");
        Assert.That(
            async () => await Transactions.RunAsync(
                async (db, _) =>
                {
                    await Book.CountAsync(db, [new FactVolume("profile_updated", producer, 1, 0)], [], TimeProvider.System.GetUtcNow(), CancellationToken.None);
                    throw new InvalidOperationException("rolled back");
                },
                CancellationToken.None),
            Throws.InvalidOperationException);
        Assert.That(await CountAsync($"SELECT count(*) FROM fact_volumes WHERE producer = '{producer}'"), Is.Zero);
    }

    [Test]
    public async Task Should_count_names_without_end_together()
    {
        var book = new FactBook();
        var type = Unique("endless");
        await Transactions.RunAsync(
            async (db, _) =>
            {
                var volumes = Enumerable.Range(0, 1_500).Select(i => new FactVolume(type, $"p-{i}", 2, 0));
                var violations = Enumerable.Range(0, 5_500).Select(i => new Violation("unplanned_property", type, "", $"payload.x{i}", type) { Action = "omit" });
                await book.CountAsync(db, volumes, violations, TimeProvider.System.GetUtcNow(), CancellationToken.None);
            },
            CancellationToken.None);
        Assert.That(await CountAsync($"SELECT count(*) FROM fact_volumes WHERE event_type = '{type}'"), Is.EqualTo(1_001));
        Assert.That(await CountAsync($"SELECT facts FROM fact_volumes WHERE event_type = '{type}' AND producer = '?'"), Is.EqualTo(1_000));
        Assert.That(await CountAsync($"SELECT count(*) FROM violations WHERE event_type = '{type}'"), Is.EqualTo(5_000));
        Assert.That(await CountAsync("SELECT count FROM violations WHERE event_type = '?' AND producer = '?'"), Is.EqualTo(500));
    }

    [Test]
    public async Task Should_count_what_fields_say_and_show_no_value_that_may_be_a_person()
    {
        var producer = Unique("fields");
        var tally = new FieldTally();
        string[] consents = ["""{"purpose":"mail","status":"denied","source":"shop"}""", """{"purpose":"mail","status":"denied","source":"dana@example.com","channel":null}""", """{"purpose":"sms","status":"denied","source":"shop","channel":"web"}"""];
        var facts = Array.ConvertAll(consents, payload => Fact(producer, payload, "consent_updated"));
        await Intake(fields: tally).TakeInAsync(facts, CancellationToken.None);
        await Intake(fields: tally).TakeInAsync(facts, CancellationToken.None);
        using var writer = new FieldTallyWriter(tally, Transactions, TimeProvider.System, NullLogger<FieldTallyWriter>.Instance);
        await writer.WriteAsync(CancellationToken.None);
        await writer.WriteAsync(CancellationToken.None);
        await Intake(fields: tally).TakeInAsync([Fact(producer, consents[2], "consent_updated")], CancellationToken.None);
        await writer.WriteAsync(CancellationToken.None);

        var fields = (await Transactions.ReadAsync(db => FieldBook.FieldsAsync(db, "consent_updated", DateTimeOffset.UtcNow.AddDays(-2), CancellationToken.None))).Where(count => count.Producer == producer).ToDictionary(count => count.Path, count => (count.Facts, count.Present));
        Assert.That((fields["payload.purpose"], fields["payload.channel"], fields["payload.legal_basis"], fields["subject.external_id"]), Is.EqualTo(((4L, 4L), (4L, 2L), (4L, 0L), (4L, 4L))));
        var values = (await Transactions.ReadAsync(db => FieldBook.ValuesAsync(db, "consent_updated", CancellationToken.None))).Where(count => count.Producer == producer).Select(count => (count.Path, count.Value, count.Facts));
        Assert.That(values, Is.EquivalentTo(new[]
        {
            ("payload.purpose", "mail", 2L), ("payload.purpose", "sms", 2L), ("payload.status", "denied", 4L), ("payload.source", "shop", 3L), ("payload.source", "?", 1L), ("payload.channel", "web", 2L),
        }));
    }

    [Test]
    public async Task Should_tell_a_hundred_values_of_a_field_apart_and_no_more()
    {
        var producer = Unique("values");
        for (var round = 0; round < 3; round++)
        {
            var values = Enumerable.Range(round * 60, 60).Select(i => new ValueCount("behavior_tracked", producer, "payload.name", $"n{i}", 1, default, default)).Append(new ValueCount("behavior_tracked", producer, "payload.name", "n0 ", 1, default, default));
            await Transactions.RunAsync((db, _) => FieldBook.AddAsync(db, [], values, DateTimeOffset.UtcNow, CancellationToken.None), CancellationToken.None);
        }

        var kept = await Transactions.ReadAsync(db => FieldBook.ValuesAsync(db, "behavior_tracked", CancellationToken.None));
        Assert.That(kept.Count(count => count.Producer == producer), Is.InRange(FieldBook.MostValues, FieldBook.MostValues + 60), "the bound is looked at before each writing");
        Assert.That(kept.Single(count => count.Producer == producer && count.Value == "n0 ").Facts, Is.EqualTo(3));
    }

    private static FactBook Book { get; } = new();

    private async Task<IReadOnlyList<ViolationTally>> ViolationsAsync(string producer) => (await Transactions.ReadAsync(db => FactBook.ViolationsAsync(db, null, producer, new PageAsk(), CancellationToken.None))).Items;

    private static ReadOnlyMemory<byte> Fact(string producer, string payload, string type = "profile_updated") => Encoding.UTF8.GetBytes(
        $$$$"""{"event_id":"{{{{Guid.NewGuid()}}}}","event_type":"{{{{type}}}}","occurred_at":"2026-11-20T10:00:00Z","producer":"{{{{producer}}}}","subject":{"external_id":"{{{{Unique("p")}}}}"},"payload":{{{{payload}}}}}""");
}
