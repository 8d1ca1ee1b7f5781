using System.Text;
using IntegrationHub.Hub.Intake.Facts;
using IntegrationHub.Hub.Tests.Delivery;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Ledger;
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

    private static FactBook Book { get; } = new();

    private Task<IReadOnlyList<ViolationTally>> ViolationsAsync(string producer) => Transactions.ReadAsync(db => FactBook.ViolationsAsync(db, null, producer, CancellationToken.None));

    private FactIntake Intake() => new(
        Transactions, Ledger, Scopes.CreateScope().ServiceProvider.GetRequiredService<IQuarantine>(), Deliveries, Doorbell, Acme.Hub(), FactRetention.Default, Telemetry, TimeProvider.System, NullLogger<FactIntake>.Instance);

    private static ReadOnlyMemory<byte> Fact(string producer, string payload) => Encoding.UTF8.GetBytes(
        $$$$"""{"event_id":"{{{{Guid.NewGuid()}}}}","event_type":"profile_updated","occurred_at":"2026-11-20T10:00:00Z","producer":"{{{{producer}}}}","subject":{"external_id":"{{{{Unique("p")}}}}"},"payload":{{{{payload}}}}}""");
}
