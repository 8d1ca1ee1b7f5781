using IntegrationHub.Hub.Tests.Delivery;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Ledger;
using IntegrationHub.Storage.Postgres;
using IntegrationHub.Storage.Retention;
using IntegrationHub.TestServers;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace IntegrationHub.Hub.Tests.Storage;

/// <summary>Weeks nobody made ahead: facts are neither lost nor refused, whoever comes first, and a drop that was broken off goes on.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class When_a_partition_is_missing
{
    private static readonly DateTimeOffset _noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero); // a Sunday
    private readonly StoppedClock _clock = new(_noon);
    private PostgresDatabase _database = null!;
    private ServiceProvider _one = null!;
    private ServiceProvider _two = null!;

    [SetUp]
    public async Task Start_two_hubs()
    {
        _database = await PostgresDatabase.CreateAsync();
        (_one, _two) = (Hub(), Hub());
        await using var scope = _one.CreateAsyncScope();
        await HubDatabase.MigrateAsync(scope.ServiceProvider.GetRequiredService<HubDbContext>(), CancellationToken.None);
    }

    [TearDown]
    public async Task Stop_the_hubs()
    {
        await _one.DisposeAsync();
        await _two.DisposeAsync();
        await _database.DisposeAsync();
    }

    [Test]
    public async Task Should_be_made_by_whoever_needs_it_first()
    {
        for (var week = 0; week < 4; week++)
        {
            _clock.Now = _noon.AddDays(week * 7);
            await Task.WhenAll(Enumerable.Range(0, 6).Select(i => Task.Run(() => AppendAsync(i % 2 == 0 ? _one : _two))));
        }

        Assert.That(await CountAsync("SELECT count(*) FROM facts"), Is.EqualTo(24));
        Assert.That(await CountAsync("SELECT count(*) FROM pg_inherits WHERE inhparent = 'facts_standard'::regclass"), Is.EqualTo(4));
    }

    [Test]
    public async Task Should_be_made_four_weeks_ahead()
    {
        await Task.WhenAll(Partitions(_one).MakeAheadAsync(_noon, CancellationToken.None), Partitions(_two).MakeAheadAsync(_noon, CancellationToken.None));
        foreach (var (table, parts) in new[] { ("facts_short", 5), ("facts_standard", 5), ("facts_long", 2), ("event_receipts", 30) })
        {
            Assert.That(await CountAsync($"SELECT count(*) FROM pg_inherits WHERE inhparent = '{table}'::regclass"), Is.EqualTo(parts), table);
        }

        Assert.That(await CountAsync("SELECT count(*) FROM pg_class WHERE relispartition AND pg_get_expr(relpartbound, oid) = 'DEFAULT'"), Is.Zero);
        foreach (var index in new[] { "ix_facts_position", "ix_facts_profile", "ix_facts_occurred" })
        {
            Assert.That(await CountAsync($"SELECT count(*) FROM pg_inherits i JOIN pg_inherits leaf ON leaf.inhparent = i.inhrelid WHERE i.inhparent = '{index}'::regclass"), Is.EqualTo(12), index);
        }
    }

    [Test]
    public async Task Should_be_made_again_when_the_work_that_needed_it_was_undone()
    {
        await using (var scope = _one.CreateAsyncScope())
        {
            var db = scope.ServiceProvider.GetRequiredService<HubDbContext>();
            await using var transaction = await db.Database.BeginTransactionAsync();
            await _one.GetRequiredService<ILedger>().AppendAsync(db, [Fact()], CancellationToken.None);
            await transaction.RollbackAsync();
        }

        await AppendAsync(_one);
        Assert.That(await CountAsync("SELECT count(*) FROM facts"), Is.EqualTo(1));
    }

    [Test]
    public async Task Should_be_dropped_to_the_end_by_the_next_who_sweeps()
    {
        await AppendAsync(_one);
        await ExecuteAsync("ALTER TABLE facts_standard DETACH PARTITION facts_standard_20260223 CONCURRENTLY");
        Assert.That((await CountAsync("SELECT count(*) FROM facts"), await CountAsync("SELECT count(*) FROM fact_ids")), Is.EqualTo((0L, 1L)));
        Assert.That(await Partitions(_two).DropAsync(RetentionClass.Facts, _noon, 10, CancellationToken.None), Is.EqualTo(1));
        Assert.That(await CountAsync("SELECT count(*) FROM fact_ids"), Is.Zero);
        Assert.That(await CountAsync("SELECT count(*) FROM pg_class WHERE relname = 'facts_standard_20260223'"), Is.Zero);
    }

    [Test]
    public async Task Should_be_made_again_by_a_hub_that_knew_it_before_somebody_dropped_it()
    {
        await AppendAsync(_one);
        await Partitions(_two).DropAsync(RetentionClass.Facts, _noon.AddDays(1000), 10, CancellationToken.None);
        var failed = (await Assert.ThrowsAsync<InvalidOperationException>(() => AppendAsync(_one)))!;
        Assert.That((failed.Message, DataError.IsCauseOf(failed)), Is.EqualTo(("The log's partition of this time was dropped meanwhile; it is made when the facts are given again.", false)), "it is tried again and not set aside");
        await AppendAsync(_one);
        Assert.That(await CountAsync("SELECT count(*) FROM facts"), Is.EqualTo(1));
    }

    [Test]
    public async Task Should_not_be_dropped_before_its_end_whatever_a_hub_takes_for_the_time()
    {
        _clock.Now = TimeProvider.System.GetUtcNow();
        await AppendAsync(_one);
        await Partitions(_two).DropAsync(RetentionClass.Facts, _clock.Now.AddDays(1000), 10, CancellationToken.None);
        await AppendAsync(_one);
        Assert.That(await CountAsync("SELECT count(*) FROM facts"), Is.EqualTo(2));
    }

    [Test]
    public async Task Should_not_hold_up_who_writes_while_old_ones_are_dropped()
    {
        _clock.Now = _noon.AddDays(-100);
        await AppendAsync(_one);
        _clock.Now = _noon;
        await AppendAsync(_one);
        await using var scope = _two.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<HubDbContext>();
        await using var transaction = await db.Database.BeginTransactionAsync();
        await _two.GetRequiredService<ILedger>().AppendAsync(db, [Fact()], CancellationToken.None); // holds the table, as a long batch does
        var drop = Partitions(_one).DropAsync(RetentionClass.Facts, _noon.AddDays(-50), 10, CancellationToken.None);
        await Poll.Until(async () => await CountAsync("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE '%CONCURRENTLY' AND wait_event_type = 'Lock'") == 1);
        await _two.GetRequiredService<ILedger>().AppendAsync(db, [Fact()], CancellationToken.None);
        Assert.That(drop.IsCompleted, Is.False);
        await transaction.CommitAsync();
        Assert.That(await drop.WaitAsync(Poll.Patience), Is.EqualTo(1));
        Assert.That(await CountAsync("SELECT count(*) FROM facts"), Is.EqualTo(3));
    }

    private ServiceProvider Hub()
    {
        var services = new ServiceCollection();
        services.AddHubStorage(new StorageOptions { Database = StorageDatabase.Postgres, ConnectionString = _database.ConnectionString });
        services.AddSingleton<TimeProvider>(_clock);
        return services.BuildServiceProvider();
    }

    private static ILogPartitions Partitions(ServiceProvider hub) => hub.GetRequiredService<ILogPartitions>();

    private static LedgerFact Fact() => new()
    {
        EventId = Guid.NewGuid(),
        EventType = "profile_updated",
        OccurredAt = _noon,
        Producer = "test",
        ExternalId = "p",
        AttributesJson = "{}",
        BodyJson = "{}",
    };

    private static async Task AppendAsync(ServiceProvider hub)
    {
        await using var scope = hub.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<HubDbContext>();
        await using var transaction = await db.Database.BeginTransactionAsync();
        await hub.GetRequiredService<ILedger>().AppendAsync(db, [Fact()], CancellationToken.None);
        await transaction.CommitAsync();
    }

    private async Task<long> CountAsync(string sql)
    {
        await using var scope = _one.CreateAsyncScope();
        await using var session = await DbSession.OpenAsync(scope.ServiceProvider.GetRequiredService<HubDbContext>(), CancellationToken.None);
        return (long)(await session.ScalarAsync(sql, CancellationToken.None))!;
    }

    private async Task ExecuteAsync(string sql)
    {
        await using var scope = _one.CreateAsyncScope();
        await using var session = await DbSession.OpenAsync(scope.ServiceProvider.GetRequiredService<HubDbContext>(), CancellationToken.None);
        await session.ExecuteAsync(sql, CancellationToken.None);
    }
}
