using System.Data;
using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;

namespace IntegrationHub.Storage;

/// <summary>Brings the database to the current schema.</summary>
public static class HubDatabase
{
    private const long MigrationLock = 0x4875_6244_4200;

    /// <summary>
    /// Creates the database when it is missing and applies the migrations that it lacks. Several processes may call it at the same
    /// time: one migrates, the others wait and find nothing left to do.
    /// </summary>
    public static async Task MigrateAsync(HubDbContext db, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);
        if (db.Database.IsNpgsql())
        {
            await MigratePostgresAsync(db, cancellationToken);
        }
        else
        {
            await db.Database.MigrateAsync(cancellationToken);
        }
    }

    /// <summary>Compares the database's migrations with this program's; changes nothing. A database that is missing lacks them all.</summary>
    public static async Task<SchemaStanding> CompareAsync(HubDbContext db, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);
        var known = db.Database.GetMigrations().ToList();
        var applied = await AppliedAsync(db, cancellationToken);
        return new SchemaStanding([.. known.Except(applied, StringComparer.Ordinal)], [.. applied.Except(known, StringComparer.Ordinal)]);
    }

    /// <summary>Makes sure that the database can be used: migrates it where <see cref="StorageOptions.Migrates"/> says so, else looks whether somebody did.</summary>
    /// <exception cref="SchemaBehindException">The database lacks migrations that this process may not apply.</exception>
    public static async Task PrepareAsync(HubDbContext db, StorageOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Migrates)
        {
            await MigrateAsync(db, cancellationToken);
        }
        else if ((await CompareAsync(db, cancellationToken)).Lacking is { Count: > 0 } lacking)
        {
            throw new SchemaBehindException(lacking);
        }
    }

    private static async Task<IReadOnlyList<string>> AppliedAsync(HubDbContext db, CancellationToken cancellationToken)
    {
        try
        {
            return [.. await db.Database.GetAppliedMigrationsAsync(cancellationToken)];
        }
        catch (PostgresException missing) when (missing.SqlState == PostgresErrorCodes.InvalidCatalogName)
        {
            return [];
        }
    }

    private static async Task MigratePostgresAsync(HubDbContext db, CancellationToken cancellationToken)
    {
        await CreateWhenMissingAsync(db, cancellationToken);
        await db.Database.OpenConnectionAsync(cancellationToken);
        try
        {
            var connection = db.Database.GetDbConnection();
            await ExecuteAsync(connection, "SELECT pg_advisory_lock(@key)", cancellationToken);
            try
            {
                await db.Database.MigrateAsync(cancellationToken);
            }
            finally
            {
                if (connection.State == ConnectionState.Open)
                {
                    await ExecuteAsync(connection, "SELECT pg_advisory_unlock(@key)", CancellationToken.None);
                }
            }
        }
        finally
        {
            await db.Database.CloseConnectionAsync();
        }
    }

    private static async Task CreateWhenMissingAsync(HubDbContext db, CancellationToken cancellationToken)
    {
        var creator = db.GetService<IRelationalDatabaseCreator>();
        if (await creator.ExistsAsync(cancellationToken))
        {
            return;
        }

        try
        {
            await creator.CreateAsync(cancellationToken);
        }
        catch (PostgresException raced) when (raced.SqlState is PostgresErrorCodes.DuplicateDatabase or PostgresErrorCodes.UniqueViolation)
        {
            // Another process has created it at the same moment.
        }
    }

    private static async Task ExecuteAsync(DbConnection connection, string sql, CancellationToken cancellationToken)
    {
        await using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.CommandTimeout = 0;
        var key = command.CreateParameter();
        key.ParameterName = "key";
        key.Value = MigrationLock;
        command.Parameters.Add(key);
        await command.ExecuteNonQueryAsync(cancellationToken);
    }
}
