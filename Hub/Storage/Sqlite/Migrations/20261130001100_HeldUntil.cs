using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace IntegrationHub.Storage.Sqlite.Migrations;

/// <summary>Until when a run waited for a person's word.</summary>
[DbContext(typeof(SqliteHubDbContext))]
[Migration("20261130001100_HeldUntil")]
public sealed class HeldUntil : Migration
{
    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        ALTER TABLE audience_syncs ADD COLUMN held_until INTEGER NULL;
        ALTER TABLE backfill_runs ADD COLUMN held_until INTEGER NULL;
        """);

    /// <inheritdoc />
    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        ALTER TABLE audience_syncs DROP COLUMN held_until;
        ALTER TABLE backfill_runs DROP COLUMN held_until;
        """);
}
