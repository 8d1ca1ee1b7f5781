using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace IntegrationHub.Storage.Sqlite.Migrations;

/// <summary>What earlier attempts of a backfill wrote, so that it is never taken for what was there before.</summary>
[DbContext(typeof(SqliteHubDbContext))]
[Migration("20261128231000_EarlierHashes")]
public sealed class EarlierHashes : Migration
{
    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("ALTER TABLE before_images ADD COLUMN earlier_hashes TEXT NOT NULL DEFAULT '{}';");

    /// <inheritdoc />
    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("ALTER TABLE before_images DROP COLUMN earlier_hashes;");
}
