using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace IntegrationHub.Storage.Sqlite.Migrations;

/// <summary>When the records of a tally were settled; null of earlier ones, and of those that retention folded (decision 0096).</summary>
[DbContext(typeof(SqliteHubDbContext))]
[Migration("20261203030000_TalliedAt")]
public sealed class TalliedAt : Migration
{
    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("ALTER TABLE run_tallies ADD COLUMN at INTEGER NULL;");

    /// <inheritdoc />
    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("ALTER TABLE run_tallies DROP COLUMN at;");
}
