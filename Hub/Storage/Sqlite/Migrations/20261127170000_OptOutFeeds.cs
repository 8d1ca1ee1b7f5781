using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace IntegrationHub.Storage.Sqlite.Migrations;

/// <summary>How far vendors' feeds of opt-outs were read.</summary>
[DbContext(typeof(SqliteHubDbContext))]
[Migration("20261127170000_OptOutFeeds")]
public sealed class OptOutFeeds : Migration
{
    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        CREATE TABLE opt_out_feeds (
            destination TEXT NOT NULL,
            feed TEXT NOT NULL,
            cursor TEXT NULL,
            asked_at INTEGER NOT NULL,
            caught_up_at INTEGER NULL,
            opt_outs INTEGER NOT NULL,
            error TEXT NULL,
            failing_since INTEGER NULL,
            PRIMARY KEY (destination, feed));
        """);

    /// <inheritdoc />
    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("DROP TABLE opt_out_feeds;");
}
