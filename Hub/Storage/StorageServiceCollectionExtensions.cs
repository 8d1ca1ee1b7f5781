using IntegrationHub.Identity;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Destinations;
using IntegrationHub.Storage.Erasures;
using IntegrationHub.Storage.Ledger;
using IntegrationHub.Storage.Plans;
using IntegrationHub.Storage.Postgres;
using IntegrationHub.Storage.Quotas;
using IntegrationHub.Storage.Reads;
using IntegrationHub.Storage.Retention;
using IntegrationHub.Storage.Runs;
using IntegrationHub.Storage.Sealing;
using IntegrationHub.Storage.Sqlite;
using IntegrationHub.Storage.Verification;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace IntegrationHub.Storage;

/// <summary>Registers storage.</summary>
public static class StorageServiceCollectionExtensions
{
    /// <summary>PostgreSQL reads by index and in its order, whatever statistics it has of a queue at the moment; see decision 0008.</summary>
    private const string PlanningByIndex = "-c enable_seqscan=off -c enable_bitmapscan=off -c jit=off";

    /// <summary>
    /// Registers <see cref="HubDbContext"/> (scoped, pooled), the stores for the chosen database, and a hosted step that migrates
    /// before the other services start.
    /// </summary>
    /// <exception cref="ArgumentException">The connection string cannot be read.</exception>
    public static IServiceCollection AddHubStorage(this IServiceCollection services, StorageOptions options)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(options);
        services.AddLogging().AddSingleton(options).AddSingleton(options.Sealing).AddHostedService<MigrationStep>().AddHostedService<SealingStep>();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(FactRetention.Default);
        services.TryAddSingleton(IdentityRules.Default);
        services.TryAddSingleton(StatedKeys.AsWritten);
        services.TryAddSingleton(AttributeRules.None);
        services.AddSingleton<IdentityIntake>();
        services.AddSingleton<SubjectIntake>();
        services.AddSingleton<UndecidedKeys>();
        services.AddSingleton<StatedHolders>();
        services.AddSingleton(provider => new IdentityDesk(provider.GetRequiredService<ILedgerTables>(), provider.GetRequiredService<IdentityIntake>(), provider.GetRequiredService<SubjectIntake>(), provider.GetRequiredService<IKeyHistory>(), provider.GetRequiredService<UndecidedKeys>(), provider.GetRequiredService<Tombstones>()));
        services.AddSingleton(provider => new ProposalDesk(provider.GetRequiredService<IdentityIntake>(), provider.GetRequiredService<IdentityDesk>(), provider.GetRequiredService<IdentityRules>()));
        services.AddSingleton<EarlierKeys>();
        services.TryAddSingleton(_ => new TombstoneSecrets([TombstoneSecret.Random()])); // of a process that keeps nothing; a hub has its own
        services.AddSingleton<Tombstones>();
        services.AddSingleton<SealedPeople>();
        services.AddSingleton(provider => new PersonSearch(provider.GetRequiredService<IdentityIntake>(), provider.GetRequiredService<ILedgerTables>(), provider.GetRequiredService<IKeyHistory>(), provider.GetRequiredService<StatedHolders>()));
        services.AddSingleton(provider => new SubjectSearch(provider.GetRequiredService<IdentityIntake>(), provider.GetRequiredService<IKeyHistory>(), provider.GetRequiredService<StatedHolders>()));
        services.AddSingleton(provider => new PersonErasure(provider.GetRequiredService<Tombstones>(), provider.GetRequiredService<SealedPeople>(), provider.GetRequiredService<PersonSearch>(), provider.GetRequiredService<ILedgerTables>(), provider.GetRequiredService<UndecidedKeys>()));
        services.AddSingleton<FactBook>();
        services.AddSingleton<ILedger, FactLedger>();
        services.AddSingleton<IRunStore, RunStore>();
        services.AddSingleton<IReadBackStore, ReadBackStore>();
        services.AddSingleton<IReadBackLeases, ReadBackLeases>();
        services.AddSingleton<IQuotaStore, QuotaStore>();
        services.AddSingleton<IBacklogStore, BacklogStore>();
        services.AddSingleton<IBulkJobStore, BulkJobStore>();
        return options.Database switch
        {
            StorageDatabase.Postgres => AddPostgres(services, options, PostgresConnection(options.ConnectionString)),
            _ => AddSqlite(services, options),
        };
    }

    private static IServiceCollection AddPostgres(IServiceCollection services, StorageOptions options, string connectionString) => services
        .AddDbContextPool<HubDbContext, PostgresHubDbContext>(db => Quiet(db.UseNpgsql(connectionString)))
        .AddSingleton<IReadPool>(provider => new PostgresReadPool(options, connectionString, (db, connection) => Quiet(db.UseApplicationServiceProvider(provider).UseNpgsql(connection))))
        .AddSingleton<PostgresPartitions>()
        .AddSingleton<ILogPartitions>(provider => provider.GetRequiredService<PostgresPartitions>())
        .AddSingleton<ILedgerTables, PostgresLedgerTables>()
        .AddSingleton<IConsentTables, PostgresConsentTables>()
        .AddSingleton<IEventTables, PostgresEventTables>()
        .AddSingleton<IKeyHistory, PostgresKeyHistory>()
        .AddSingleton<IQuarantine, PostgresQuarantine>()
        .AddSingleton<ISnapshotStore, PostgresSnapshotStore>()
        .AddSingleton<IPlanStore, PostgresPlanStore>()
        .AddSingleton<IDeliveryStore, PostgresDeliveryStore>()
        .AddSingleton<IDestinationStore, DestinationStore>()
        .AddSingleton<IVerificationStore, PostgresVerificationStore>();

    private static IServiceCollection AddSqlite(IServiceCollection services, StorageOptions options) => services
        .AddDbContextPool<HubDbContext, SqliteHubDbContext>(db => Quiet(db.UseHubSqlite(options.ConnectionString)))
        .AddSingleton<IReadPool>(provider => new SqliteReadPool(options, (db, connection) => Quiet(db.UseApplicationServiceProvider(provider).UseHubSqlite(connection))))
        .AddSingleton<ILogPartitions, SqliteLogPartitions>()
        .AddSingleton<ILedgerTables, SqliteLedgerTables>()
        .AddSingleton<IConsentTables, SqliteConsentTables>()
        .AddSingleton<IEventTables, SqliteEventTables>()
        .AddSingleton<IKeyHistory, SqliteKeyHistory>()
        .AddSingleton<IQuarantine, SqliteQuarantine>()
        .AddSingleton<ISnapshotStore, SqliteSnapshotStore>()
        .AddSingleton<IPlanStore, SqlitePlanStore>()
        .AddSingleton<IDeliveryStore, SqliteDeliveryStore>()
        .AddSingleton<IDestinationStore, DestinationStore>()
        .AddSingleton<IVerificationStore, SqliteVerificationStore>();

    /// <summary>A transaction that is canceled, as by a stop, is nothing to complain of; one that fails throws, and whoever asked for it tells of it.</summary>
    private static void Quiet(DbContextOptionsBuilder db) =>
        db.ConfigureWarnings(warnings => warnings.Log((RelationalEventId.TransactionError, LogLevel.Debug)));

    private static string PostgresConnection(string connectionString)
    {
        var builder = new NpgsqlConnectionStringBuilder(connectionString);
        builder.MaxAutoPrepare = builder.MaxAutoPrepare == 0 ? 200 : builder.MaxAutoPrepare;
        builder.ApplicationName ??= "integration-hub";
        builder.Options = builder.Options is { Length: > 0 } own ? $"{PlanningByIndex} {own}" : PlanningByIndex;
        return builder.ConnectionString;
    }
}
