using IntegrationHub.Storage;
using IntegrationHub.Storage.Postgres;
using IntegrationHub.Storage.Sqlite;
using IntegrationHub.TestServers;
using Microsoft.EntityFrameworkCore;
using Npgsql;

namespace IntegrationHub.Hub.Tests.Storage;

public sealed class When_the_database_is_migrated
{
    [Test]
    public void Should_have_a_migration_for_every_change_of_the_model()
    {
        using var postgres = new PostgresHubDbContext(new DbContextOptionsBuilder<PostgresHubDbContext>().UseNpgsql("Host=127.0.0.1").Options);
        var options = new DbContextOptionsBuilder<SqliteHubDbContext>();
        options.UseHubSqlite("Data Source=:memory:");
        using var sqlite = new SqliteHubDbContext(options.Options);
        Assert.That(postgres.Database.HasPendingModelChanges(), Is.False, "generate a migration for PostgreSQL (decision 0003)");
        Assert.That(sqlite.Database.HasPendingModelChanges(), Is.False, "generate a migration for SQLite (decision 0003)");
    }

    [Test]
    public async Task Should_create_a_database_that_is_missing()
    {
        await using var existing = await PostgresDatabase.CreateAsync();
        var missing = new NpgsqlConnectionStringBuilder(existing.ConnectionString) { Database = $"{existing.Name}_new" }.ConnectionString;
        await using var db = new PostgresHubDbContext(new DbContextOptionsBuilder<PostgresHubDbContext>().UseNpgsql(missing).Options);
        Assert.That((await HubDatabase.CompareAsync(db, CancellationToken.None)).Lacking, Is.EqualTo(db.Database.GetMigrations()), "one that is missing lacks them all");
        await HubDatabase.MigrateAsync(db, CancellationToken.None);
        Assert.That(await db.Database.GetPendingMigrationsAsync(), Is.Empty);
        await db.Database.EnsureDeletedAsync();
    }

    [Test]
    public async Task Should_let_several_processes_start_at_once()
    {
        await using var database = await PostgresDatabase.CreateAsync();
        var options = new DbContextOptionsBuilder<PostgresHubDbContext>().UseNpgsql(database.ConnectionString).Options;
        await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => Task.Run(async () =>
        {
            await using var db = new PostgresHubDbContext(options);
            await HubDatabase.MigrateAsync(db, CancellationToken.None);
        })));
        await using var migrated = new PostgresHubDbContext(options);
        Assert.That(await migrated.Database.GetPendingMigrationsAsync(), Is.Empty);
        Assert.That(await migrated.Database.GetAppliedMigrationsAsync(), Is.EqualTo(migrated.Database.GetMigrations()));
    }

    /// <summary>
    /// SQLite prefers the primary key of a table without row ids to an index of the table that begins alike, though that tells it less: it walks all rows of a tenant or
    /// a destination for each look.
    /// </summary>
    [Test]
    public async Task Should_have_no_table_without_row_ids_whose_index_begins_as_its_primary_key()
    {
        var options = new DbContextOptionsBuilder<SqliteHubDbContext>();
        options.UseHubSqlite("Data Source=:memory:");
        await using var db = new SqliteHubDbContext(options.Options);
        await db.Database.OpenConnectionAsync();
        await db.Database.MigrateAsync();
        await using var command = db.Database.GetDbConnection().CreateCommand();
        command.CommandText =
            """
            SELECT t.name || ': ' || i.name
            FROM sqlite_master t, pragma_table_info(t.name) k, pragma_index_list(t.name) i, pragma_index_info(i.name) c
            WHERE t.type = 'table' AND t.sql LIKE '%WITHOUT ROWID%' AND k.pk = 1 AND i.origin <> 'pk' AND c.seqno = 0 AND c.name = k.name
            """;
        await using var reader = await command.ExecuteReaderAsync();
        List<string> found = [];
        while (await reader.ReadAsync())
        {
            found.Add(reader.GetString(0));
        }

        Assert.That(found, Is.Empty);
    }
}
