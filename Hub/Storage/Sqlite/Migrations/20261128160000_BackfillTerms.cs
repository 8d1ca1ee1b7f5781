using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace IntegrationHub.Storage.Sqlite.Migrations;

/// <summary>Backfills of several destinations, their windows and their rate (decision 0046).</summary>
[DbContext(typeof(SqliteHubDbContext))]
[Migration("20261128160000_BackfillTerms")]
public sealed class BackfillTerms : Migration
{
    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        ALTER TABLE backfill_plans ADD COLUMN group_id TEXT NULL;
        ALTER TABLE backfill_plans ADD COLUMN paced_until INTEGER NULL;
        ALTER TABLE backfill_plans ADD COLUMN opens_at INTEGER NULL;
        ALTER TABLE backfill_plans ADD COLUMN closes_at INTEGER NULL;
        CREATE INDEX ix_backfill_plans_group ON backfill_plans (group_id) WHERE group_id IS NOT NULL;
        CREATE INDEX ix_backfill_plans_closes_at ON backfill_plans (closes_at) WHERE closes_at IS NOT NULL;
        """);

    /// <inheritdoc />
    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        DROP INDEX ix_backfill_plans_closes_at;
        DROP INDEX ix_backfill_plans_group;
        ALTER TABLE backfill_plans DROP COLUMN closes_at;
        ALTER TABLE backfill_plans DROP COLUMN opens_at;
        ALTER TABLE backfill_plans DROP COLUMN paced_until;
        ALTER TABLE backfill_plans DROP COLUMN group_id;
        """);
}
