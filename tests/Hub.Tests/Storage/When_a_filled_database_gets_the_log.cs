using IntegrationHub.Storage;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Ledger;
using IntegrationHub.TestServers;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;
using Microsoft.Extensions.DependencyInjection;

namespace IntegrationHub.Hub.Tests.Storage;

/// <summary>A database that the version before the log has filled: every fact, what is owed of it and what was given up of it is found again, and repeats are known.</summary>
[TestFixture(StorageDatabase.Postgres)]
[TestFixture(StorageDatabase.Sqlite)]
public sealed class When_a_filled_database_gets_the_log(StorageDatabase database)
{
    private const string Before = "20261126140000_QuarantineSettlements";
    private const string Destination = "acme";
    private const int Facts = 3_000;
    private static readonly DateTimeOffset _first = new(2025, 11, 1, 0, 0, 0, TimeSpan.Zero);
    private PostgresDatabase? _postgres;
    private string? _file;
    private ServiceProvider _hub = null!;

    [SetUp]
    public async Task Fill()
    {
        _postgres = database == StorageDatabase.Postgres ? await PostgresDatabase.CreateAsync() : null;
        _file = _postgres is null ? Path.Combine(Directory.CreateTempSubdirectory("hub-log-").FullName, "hub.db") : null;
        var services = new ServiceCollection();
        services.AddHubStorage(new StorageOptions { Database = database, ConnectionString = _postgres?.ConnectionString ?? $"Data Source={_file}" });
        _hub = services.BuildServiceProvider();
        await WithAsync(async db =>
        {
            await db.GetService<IMigrator>().MigrateAsync(Before);
            await using var session = await DbSession.OpenAsync(db, CancellationToken.None);
            foreach (var chunk in Enumerable.Range(0, Facts).Chunk(100))
            {
                (string, object?)[] parameters = [.. chunk.SelectMany(i => new (string, object?)[] { ($"e{i}", IdOf(i)), ($"at{i}", AtOf(i)) })];
                await session.ExecuteAsync(
                    "INSERT INTO facts (event_id, tenant_id, event_type, schema_version, occurred_at, received_at, producer, correlation_id, profile_id, body) VALUES "
                    + string.Join(", ", chunk.Select(i => FormattableString.Invariant($"(@e{i}, 'default', 'behavior_tracked', 1, @at{i}, @at{i}, 'shop', NULL, {(i % 3 == 0 ? "NULL" : i)}, '{{\"n\":{i}}}')"))),
                    CancellationToken.None, parameters);
            }

            await session.ExecuteAsync(
                """
                INSERT INTO profiles (profile_id, tenant_id, external_id, attributes, attributes_at, consent, occurred_at, version, updated_at)
                VALUES (7, 'default', 'p-7', '{}', '{}', '{}', @at, 1, @at)
                """, CancellationToken.None, ("at", _first));
            await session.ExecuteAsync(
                """
                INSERT INTO deliveries (run_id, destination, lane, partition, operation, profile_id, audience, due_at, attempt, created_at, event_id)
                VALUES (@run, @destination, 'live', 0, 5, 7, '', @at, 0, @at, @first), (@run, @destination, 'live', 0, 5, 7, '', @at, 0, @at, @second), (@run, @destination, 'live', 0, 4, 7, '', @at, 0, @at, NULL)
                """, CancellationToken.None,
                ("run", LiveStream.IdOf(Destination, Lane.Live)), ("destination", Destination), ("at", _first), ("first", IdOf(7)), ("second", IdOf(2_500)));
            await session.ExecuteAsync(
                """
                INSERT INTO dead_letters (run_id, destination, audience, profile_id, operation, outcome, code, attempts, at, event_id)
                VALUES (@run, @destination, '', 7, 5, 'rejected', 'x', 1, @at, @id)
                """, CancellationToken.None, ("run", Guid.NewGuid()), ("destination", Destination), ("at", _first), ("id", IdOf(11)));
        });
    }

    [TearDown]
    public async Task Drop()
    {
        await _hub.DisposeAsync();
        if (_postgres is not null)
        {
            await _postgres.DisposeAsync();
        }
        else
        {
            SqliteConnection.ClearAllPools();
            Directory.Delete(Path.GetDirectoryName(_file)!, recursive: true);
        }
    }

    [Test]
    public async Task Should_find_every_fact_in_the_order_of_its_arrival()
    {
        await MigrateAsync();
        var facts = await ReadAsync("SELECT position, event_id, retention, body, received_at FROM facts ORDER BY position", reader =>
            (Position: reader.GetInt64(0), EventId: reader.GetGuid(1), Retention: reader.GetString(2), Body: reader.GetString(3), ReceivedAt: reader.Time(4)));
        Assert.That(facts.Select(fact => fact.Position), Is.EqualTo(Enumerable.Range(1, Facts)));
        Assert.That(facts.Select(fact => fact.ReceivedAt), Is.Ordered);
        Assert.That(facts.ToDictionary(fact => fact.EventId, fact => fact.Body), Is.EquivalentTo(Enumerable.Range(0, Facts).ToDictionary(IdOf, i => FormattableString.Invariant($"{{\"n\":{i}}}"))));
        Assert.That(facts.Select(fact => fact.Retention), Is.All.EqualTo("standard"));
        Assert.That(await ReadAsync("SELECT event_id FROM facts WHERE profile_id IS NULL", reader => reader.GetGuid(0)), Has.Count.EqualTo(Facts / 3));
    }

    [Test]
    public async Task Should_go_on_sending_and_swallow_repeats()
    {
        await MigrateAsync();
        var deliveries = _hub.GetRequiredService<IDeliveryStore>();
        await WithAsync(async db =>
        {
            var lease = await deliveries.TakeLeaseAsync(db, Destination, Lane.Live, 0, "one", TimeSpan.FromMinutes(5), CancellationToken.None);
            var claimed = await deliveries.ClaimAsync(db, lease!, TimeProvider.System.GetUtcNow(), 10, CancellationToken.None);
            Assert.That(claimed.Select(delivery => (delivery.EventId, delivery.EventJson)), Is.EqualTo(new (Guid?, string?)[] { (IdOf(7), "{\"n\":7}"), (IdOf(2_500), "{\"n\":2500}"), (null, null) }));
        });
        var letters = await ReadAsync("SELECT l.event_id, f.body FROM dead_letters l JOIN facts f ON f.position = l.fact_position AND f.received_at = l.fact_received_at", reader => (reader.GetGuid(0), reader.GetString(1)));
        Assert.That(letters, Is.EqualTo(new[] { (IdOf(11), "{\"n\":11}") }));
        await WithAsync(async db =>
        {
            await using var transaction = await db.Database.BeginTransactionAsync();
            var result = await _hub.GetRequiredService<ILedger>().AppendAsync(db, [Fact(IdOf(5)), Fact(Guid.NewGuid())], CancellationToken.None);
            await transaction.CommitAsync();
            Assert.That((result.Accepted, result.Duplicates, result.Places.Values.Single().Position), Is.EqualTo((1, 1, result.Places.Values.Single().Position)));
            Assert.That(result.Places.Values.Single().Position, Is.GreaterThan(Facts));
        });
    }

    [Test]
    public async Task Should_go_back_and_forth()
    {
        await MigrateAsync();
        await WithAsync(db => db.GetService<IMigrator>().MigrateAsync(Before));
        Assert.That(await ReadAsync("SELECT event_id FROM facts", reader => reader.GetGuid(0)), Is.EquivalentTo(Enumerable.Range(0, Facts).Select(IdOf)));
        await MigrateAsync();
        Assert.That(await ReadAsync("SELECT event_id FROM facts", reader => reader.GetGuid(0)), Has.Count.EqualTo(Facts));
    }

    private static Guid IdOf(int i) => new(i, 7, 7, [1, 2, 3, 4, 5, 6, 7, 8]);

    /// <summary>Over a year, not in the order of the ids.</summary>
    private static DateTimeOffset AtOf(int i) => _first.AddHours(i * 7919 % Facts * 3);

    private static LedgerFact Fact(Guid id) => new() { EventId = id, EventType = "profile_updated", OccurredAt = _first, Producer = "test", ExternalId = "new", AttributesJson = "{}", BodyJson = "{}" };

    private Task MigrateAsync() => WithAsync(db => HubDatabase.MigrateAsync(db, CancellationToken.None));

    private async Task<List<T>> ReadAsync<T>(string sql, Func<System.Data.Common.DbDataReader, T> row)
    {
        await using var scope = _hub.CreateAsyncScope();
        await using var session = await DbSession.OpenAsync(scope.ServiceProvider.GetRequiredService<HubDbContext>(), CancellationToken.None);
        return await session.ReadAsync(sql, row, CancellationToken.None);
    }

    private async Task WithAsync(Func<HubDbContext, Task> work)
    {
        await using var scope = _hub.CreateAsyncScope();
        await work(scope.ServiceProvider.GetRequiredService<HubDbContext>());
    }
}
