using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace IntegrationHub.Storage.Sqlite.Migrations;

/// <summary>Which keys columns may be sealed with, and how far the log is as the hub would write it (decision 0079).</summary>
[DbContext(typeof(SqliteHubDbContext))]
[Migration("20261203040000_SealingKeys")]
public sealed class SealingKeys : Migration
{
    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        CREATE TABLE sealing_keys (
            key_id TEXT NOT NULL PRIMARY KEY,
            proof TEXT NOT NULL,
            announced_at INTEGER NOT NULL,
            facts_until INTEGER NOT NULL
        );
        """);

    /// <inheritdoc />
    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("DROP TABLE sealing_keys;");
}
