using IntegrationHub.Hub.Retention;
using IntegrationHub.Hub.Tests.Delivery;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Ledger;
using IntegrationHub.Storage.Retention;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace IntegrationHub.Hub.Tests.Storage;

/// <summary>Facts go by class, with their ids, when the last of their partition is old enough; what a delivery still sends stays.</summary>
[TestFixture(StorageDatabase.Postgres)]
[TestFixture(StorageDatabase.Sqlite)]
public sealed class When_the_log_grows_old(StorageDatabase database) : DeliveryFixture(database)
{
    private static readonly TimeSpan _week = TimeSpan.FromDays(7);
    private readonly RetentionOptions _kept = new() { RowsPerStatement = 2 };

    protected override void AddServices(IServiceCollection services)
    {
        base.AddServices(services);
        services.AddSingleton<TimeProvider>(Clock);
        services.AddSingleton(FactRetention.Default with { Classes = new Dictionary<string, FactClass> { ["viewed"] = FactClass.Short, ["proof"] = FactClass.Long } });
    }

    [Test]
    public async Task Should_lose_each_class_at_its_age_with_the_ids_of_its_facts()
    {
        Clock.Now = Noon;
        LedgerFact[] old = [.. Enumerable.Range(0, 5).Select(_ => Fact("viewed")), Fact("other"), Fact("proof")];
        await AppendAsync(old);
        Clock.Now = Noon.AddDays(14);
        var young = Fact("viewed");
        await AppendAsync(young);

        await SweepAsync(Noon + _kept.ShortFacts);
        Assert.That(await KnownAsync(old), Is.EqualTo(IsPostgres ? 7 : 2), "PostgreSQL waits for the end of the week");
        await SweepAsync(Noon + _kept.ShortFacts + _week);
        Assert.That((await KnownAsync(old), await KnownAsync(young)), Is.EqualTo((2, 1)), "the short class");
        await SweepAsync(Noon + _kept.Facts + _week);
        Assert.That((await KnownAsync(old), await KnownAsync(young)), Is.EqualTo((1, 0)), "the standard class");
        await SweepAsync(Noon + _kept.LongFacts + TimeSpan.FromDays(31));
        Assert.That(await KnownAsync(old), Is.Zero, "the long class");
        Assert.That((await AppendAsync(old[0])).Accepted, Is.EqualTo(1), "its id is forgotten");
    }

    [Test]
    public async Task Should_keep_what_a_delivery_still_sends()
    {
        Clock.Now = Noon.AddDays(-700);
        var (owed, beside) = (Fact("viewed"), Fact("viewed"));
        var place = (await AppendAsync(owed, beside)).Places[owed.EventId];
        var run = Guid.NewGuid();
        await ExecuteAsync(
            """
            INSERT INTO deliveries (run_id, destination, lane, partition, operation, profile_id, audience, due_at, created_at, event_id, fact_position, fact_received_at)
            VALUES (@run, 'acme', 'live', 0, 5, 1, '', @at, @at, @id, @position, @at)
            """,
            ("run", run), ("at", place.ReceivedAt), ("id", owed.EventId), ("position", place.Position));
        await SweepAsync(Noon);
        Assert.That(await KnownAsync(owed), Is.EqualTo(1));
        await ExecuteAsync("DELETE FROM deliveries WHERE run_id = @run", ("run", run));
        await SweepAsync(Noon);
        Assert.That(await KnownAsync(owed, beside), Is.Zero);
    }

    [Test]
    public async Task Should_forget_what_destinations_were_told_after_its_time()
    {
        Clock.Now = Noon.AddDays(-300);
        await SweepAsync(Clock.Now);
        foreach (var day in new[] { 0, 10 })
        {
            await ExecuteAsync("INSERT INTO event_receipts (destination, position, outcome, at) VALUES ('told', @day, 'delivered', @at)", ("day", (long)day), ("at", Clock.Now.AddDays(day)));
        }

        await SweepAsync(Clock.Now + _kept.EventReceipts + TimeSpan.FromDays(2));
        Assert.That(await CountAsync("SELECT sum(position) FROM event_receipts WHERE destination = 'told'"), Is.EqualTo(10));
    }

    private static LedgerFact Fact(string type) => Profile(Unique("p"), "{}") with { EventType = type };

    private async Task SweepAsync(DateTimeOffset now)
    {
        Clock.Now = now.AddHours(1);
        var sweeper = new RetentionSweeper(
            Transactions, LogPartitions, Microsoft.Extensions.Options.Options.Create(_kept), Clock, NullLogger<RetentionSweeper>.Instance);
        await sweeper.SweepAsync(CancellationToken.None);
    }

    /// <summary>How many of the facts are there; as many ids are.</summary>
    private async Task<long> KnownAsync(params LedgerFact[] facts)
    {
        var (found, ids) = (0L, 0L);
        foreach (var fact in facts)
        {
            found += await CountAsync("facts", fact.EventId);
            ids += await CountAsync("fact_ids", fact.EventId);
        }

        Assert.That(ids, Is.EqualTo(found));
        return found;
    }

    private Task<long> CountAsync(string table, Guid eventId) => ReadAsync(async db =>
    {
        await using var session = await DbSession.OpenAsync(db, CancellationToken.None);
        return (long)(await session.ScalarAsync($"SELECT count(*) FROM {table} WHERE event_id = @id", CancellationToken.None, ("id", eventId)))!;
    });

    private Task ExecuteAsync(string sql, params (string, object?)[] parameters) => WriteAsync(async db =>
    {
        await using var session = await DbSession.OpenAsync(db, CancellationToken.None);
        await session.ExecuteAsync(sql, CancellationToken.None, parameters);
    });
}
