using System.Data.Common;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Reads;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Reads;
using IntegrationHub.TestServers;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;

namespace IntegrationHub.Hub.Tests.Storage;

/// <summary>Connections for those who only look: few, never for long, and never to write.</summary>
[TestFixture(StorageDatabase.Postgres)]
[TestFixture(StorageDatabase.Sqlite)]
public sealed class When_somebody_only_looks(StorageDatabase database)
{
    private static readonly TimeSpan _longest = TimeSpan.FromMilliseconds(200);
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("hub-reads-");
    private PostgresDatabase? _postgres;
    private ServiceProvider _services = null!;

    private string Endless => database == StorageDatabase.Postgres ? "SELECT CAST(length(CAST(pg_sleep(60) AS text)) AS bigint)" : "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";

    private IReadPool Pool => _services.GetRequiredService<IReadPool>();

    [OneTimeSetUp]
    public async Task Build()
    {
        var file = Path.Combine(_folder.FullName, "hub.db");
        if (database == StorageDatabase.Postgres)
        {
            _postgres = await MigratedDatabase.CreateAsync();
        }
        else
        {
            await MigratedDatabase.CreateAsync(file);
        }

        _services = new ServiceCollection()
            .AddHubStorage(new StorageOptions { Database = database, ConnectionString = _postgres?.ConnectionString ?? $"Data Source={file}", ReadConnections = 1, LongestRead = _longest }).BuildServiceProvider();
    }

    [OneTimeTearDown]
    public async Task Drop()
    {
        await _services.DisposeAsync();
        if (_postgres is not null)
        {
            await _postgres.DisposeAsync();
        }

        SqliteConnection.ClearAllPools();
        _folder.Delete(recursive: true);
    }

    [Test]
    public async Task Should_give_up_what_takes_too_long_and_go_on()
    {
        var over = (await Assert.ThrowsAsync<ReadOverBudgetException>(() => AskAsync(Endless)))!;
        Assert.That((over.IsBusy, over.Longest), Is.EqualTo((false, _longest)));
        Assert.That(await AskAsync("SELECT count(*) FROM audience_syncs"), Is.Zero);
    }

    /// <summary>There is one connection here. Were a second one taken within, as many as there are would wait for each other.</summary>
    [Test]
    public async Task Should_read_within_a_read_on_its_connection()
    {
        Looking.Begin();
        var transactions = new OutboxTransaction(_services.GetRequiredService<IServiceScopeFactory>());
        var left = new TaskCompletionSource();
        Task<object?> behind = null!;
        var (outer, inner) = await transactions.ReadAsync(async db =>
        {
            behind = BehindAsync();
            return (db, await transactions.ReadAsync(Task.FromResult));
        });
        Assert.That(inner, Is.SameAs(outer));
        left.SetResult();
        Assert.That(await behind, Is.EqualTo(0L), "a read of its own, for the one that it began in has ended");

        async Task<object?> BehindAsync()
        {
            await left.Task;
            return await transactions.ReadAsync(async db =>
            {
                await using var session = await DbSession.OpenAsync(db, CancellationToken.None);
                return await session.ScalarAsync("SELECT count(*) FROM audience_syncs", CancellationToken.None);
            });
        }
    }

    [Test]
    public async Task Should_write_nothing()
    {
        Assert.That(() => AskAsync("UPDATE run_tallies SET count = 0"), Throws.InstanceOf<DbException>());
        Assert.That(await AskAsync("SELECT count(*) FROM run_tallies"), Is.Zero);
    }

    [Test]
    public async Task Should_not_wait_for_ever_where_others_read()
    {
        var held = new TaskCompletionSource();
        var begun = new TaskCompletionSource();
        var first = Pool.ReadAsync(async _ =>
        {
            begun.SetResult();
            await held.Task;
            return true;
        });
        await begun.Task;
        Assert.That((await Assert.ThrowsAsync<ReadOverBudgetException>(() => AskAsync("SELECT 1")))!.IsBusy, Is.True);
        held.SetResult();
        await first;
        Assert.That(await AskAsync("SELECT count(*) FROM audience_syncs"), Is.Zero);
    }

    /// <summary>Whoever goes away is no sign that the read was too large.</summary>
    [Test]
    public async Task Should_tell_an_end_that_was_asked_for_from_one_that_was_not()
    {
        using var gone = new CancellationTokenSource();
        var asked = AskAsync(Endless, gone.Token);
        await gone.CancelAsync();
        // SQLite does not hear of it, and reads until its time is over.
        Assert.That(() => asked, database == StorageDatabase.Postgres ? Throws.InstanceOf<OperationCanceledException>() : Throws.InstanceOf<ReadOverBudgetException>());
    }

    private Task<long> AskAsync(string sql, CancellationToken cancellationToken = default) => Pool.ReadAsync(async db =>
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return Convert.ToInt64(await session.ScalarAsync(sql, cancellationToken), System.Globalization.CultureInfo.InvariantCulture);
    });
}
