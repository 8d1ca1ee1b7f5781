using IntegrationHub.Storage;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Destinations;
using IntegrationHub.Storage.Ledger;
using IntegrationHub.Storage.Plans;
using IntegrationHub.Storage.Quotas;
using IntegrationHub.Storage.Retention;
using IntegrationHub.Storage.Runs;
using IntegrationHub.Storage.Sealing;
using IntegrationHub.Storage.Verification;
using IntegrationHub.TestServers;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace IntegrationHub.Hub.Tests.Storage;

/// <summary>A fresh, migrated database per fixture, of either kind, and the stores on it.</summary>
[FixtureLifeCycle(LifeCycle.SingleInstance)]
public abstract class DatabaseFixture(StorageDatabase database)
{
    private PostgresDatabase? _postgres;
    private string? _folder;
    private ServiceProvider _services = null!;

    protected bool IsPostgres { get; } = database == StorageDatabase.Postgres;

    protected ILedger Ledger => _services.GetRequiredService<ILedger>();

    protected ISnapshotStore Snapshots => _services.GetRequiredService<ISnapshotStore>();

    protected IPlanStore Plans => _services.GetRequiredService<IPlanStore>();

    protected IDeliveryStore Deliveries => _services.GetRequiredService<IDeliveryStore>();

    protected IBacklogStore Backlogs => _services.GetRequiredService<IBacklogStore>();

    protected IDestinationStore Destinations => _services.GetRequiredService<IDestinationStore>();

    protected IVerificationStore Verification => _services.GetRequiredService<IVerificationStore>();

    protected IReadBackStore ReadBacks => _services.GetRequiredService<IReadBackStore>();

    protected IReadBackLeases ReadBackLeases => _services.GetRequiredService<IReadBackLeases>();

    protected IQuotaStore Quotas => _services.GetRequiredService<IQuotaStore>();

    protected IBulkJobStore Jobs => _services.GetRequiredService<IBulkJobStore>();

    protected IRunStore Runs => _services.GetRequiredService<IRunStore>();

    protected ILogPartitions LogPartitions => _services.GetRequiredService<ILogPartitions>();

    protected IServiceScopeFactory Scopes => _services.GetRequiredService<IServiceScopeFactory>();

    /// <summary>Where the database is.</summary>
    protected StorageOptions StorageOptions { get; private set; } = null!;

    /// <summary>What the fixture's hub seals columns with; with <c>HUB_TEST_SEALED=1</c> in the environment every hub seals.</summary>
    protected virtual SealingKeys Sealing => Environment.GetEnvironmentVariable("HUB_TEST_SEALED") is "1" ? new SealingKeys([SealingKey.Random("test")], "test") { SealsProfiles = true } : SealingKeys.None;

    /// <summary>What a fixture needs beside the stores.</summary>
    protected virtual void AddServices(IServiceCollection services)
    {
    }

    [OneTimeSetUp]
    public async Task Create_the_database()
    {
        string connectionString;
        if (IsPostgres)
        {
            _postgres = await MigratedDatabase.CreateAsync();
            connectionString = _postgres.ConnectionString;
        }
        else
        {
            _folder = Directory.CreateTempSubdirectory("hub-storage-").FullName;
            var file = Path.Combine(_folder, "hub.db");
            await MigratedDatabase.CreateAsync(file);
            connectionString = $"Data Source={file}";
        }

        var services = new ServiceCollection();
        StorageOptions = new StorageOptions { Database = database, ConnectionString = connectionString, Sealing = Sealing };
        services.AddHubStorage(StorageOptions);
        AddServices(services);
        _services = services.BuildServiceProvider();
    }

    [OneTimeTearDown]
    public async Task Drop_the_database()
    {
        await _services.DisposeAsync();
        if (_postgres is not null)
        {
            await _postgres.DisposeAsync();
        }

        if (_folder is not null)
        {
            SqliteConnection.ClearAllPools();
            Directory.Delete(_folder, recursive: true);
        }
    }

    protected static string Unique(string stem) => $"{stem}-{Guid.NewGuid():N}"[..24];

    protected async Task<T> ReadAsync<T>(Func<HubDbContext, Task<T>> read)
    {
        await using var scope = _services.CreateAsyncScope();
        return await read(scope.ServiceProvider.GetRequiredService<HubDbContext>());
    }

    protected Task<T> WriteAsync<T>(Func<HubDbContext, Task<T>> write) => ReadAsync(async db =>
    {
        await using var transaction = await db.Database.BeginTransactionAsync();
        var result = await write(db);
        await db.SaveChangesAsync();
        await transaction.CommitAsync();
        return result;
    });

    protected Task WriteAsync(Func<HubDbContext, Task> write) => WriteAsync(async db =>
    {
        await write(db);
        return true;
    });

    protected Task<long> CountAsync(string sql) => ReadAsync(async db =>
    {
        await using var session = await DbSession.OpenAsync(db, CancellationToken.None);
        return Convert.ToInt64(await session.ScalarAsync(sql, CancellationToken.None), System.Globalization.CultureInfo.InvariantCulture);
    });

    protected Task<string?> TextAsync(string sql, params (string, object?)[] parameters) => ReadAsync(async db =>
    {
        await using var session = await DbSession.OpenAsync(db, CancellationToken.None);
        return await session.ScalarAsync(sql, CancellationToken.None, parameters) as string;
    });

    /// <summary>The attributes of the profile for which a condition in SQL holds, opened where they are sealed; null where there is none.</summary>
    protected Task<string?> AttributesWhereAsync(string where, params (string, object?)[] parameters) => ReadAsync(async db =>
    {
        await using var session = await DbSession.OpenAsync(db, CancellationToken.None);
        return (await session.ReadAsync(
            $"SELECT profile_id, attributes FROM profiles WHERE {where} LIMIT 1", row => SealingKeys.Of(db).OpenProfile(row.GetInt64(0), row.GetString(1)), CancellationToken.None, parameters)).FirstOrDefault();
    });

    /// <summary>Rows that PostgreSQL returned from tables and indexes so far in the transaction.</summary>
    protected static async Task<long> RowsReadAsync(HubDbContext db)
    {
        await using var session = await DbSession.OpenAsync(db, CancellationToken.None);
        return (long)(await session.ScalarAsync(
            """
            SELECT CAST(sum(pg_stat_get_xact_tuples_returned(c.oid)) AS bigint) FROM pg_class c
            WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'i')
            """, CancellationToken.None))!;
    }
}
