using IntegrationHub.Storage.Sqlite;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;

namespace IntegrationHub.Hub.Tests.Storage;

public sealed class When_SQLite_is_opened
{
    private string _folder = null!;

    private string ConnectionString => $"Data Source={Path.Combine(_folder, "hub.db")}";

    [SetUp]
    public void Make_a_folder() => _folder = Directory.CreateTempSubdirectory("hub-sqlite-").FullName;

    [TearDown]
    public void Remove_the_folder()
    {
        SqliteConnection.ClearAllPools();
        Directory.Delete(_folder, recursive: true);
    }

    [Test]
    public async Task Should_read_back_what_EF_Core_saved()
    {
        await using (var db = Open())
        {
            await db.Database.EnsureCreatedAsync();
            db.Add(new Row { Name = "Ærø" });
            await db.SaveChangesAsync();
        }

        await using var reader = Open();
        Assert.That(await reader.Set<Row>().Where(row => row.Name.StartsWith("Ær")).Select(row => row.Name).SingleAsync(), Is.EqualTo("Ærø"));
    }

    [TestCase("SELECT json_extract(value, '$[1]') FROM json_each('[[1,\"two\"]]')", ExpectedResult = "two")]
    [TestCase("WITH input(n) AS (VALUES (1),(2)) SELECT COUNT(*) OVER () FROM input LIMIT 1", ExpectedResult = "2")]
    [TestCase("SELECT json_array(1, 2) ->> 1", ExpectedResult = "2")]
    [TestCase("PRAGMA busy_timeout", ExpectedResult = "30000")]
    [TestCase("PRAGMA journal_mode", ExpectedResult = "wal")]
    public async Task<string?> Should_offer_what_the_dialect_operations_need(string sql)
    {
        await using var db = Open();
        await db.Database.EnsureCreatedAsync();
        await db.Database.OpenConnectionAsync();
        await using var command = db.Database.GetDbConnection().CreateCommand();
        command.CommandText = sql;
        return (await command.ExecuteScalarAsync())?.ToString();
    }

    private RowContext Open()
    {
        var options = new DbContextOptionsBuilder<RowContext>();
        options.UseHubSqlite(ConnectionString);
        return new RowContext(options.Options);
    }

    private sealed class RowContext(DbContextOptions<RowContext> options) : DbContext(options)
    {
        public DbSet<Row> Rows => Set<Row>();
    }

    private sealed class Row
    {
        public int Id { get; init; }

        public required string Name { get; init; }
    }
}
