using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace IntegrationHub.Storage.Sqlite.Migrations;

/// <summary>Who stated a fact that was set aside, and what somebody did with it.</summary>
[DbContext(typeof(SqliteHubDbContext))]
[Migration("20261126140000_QuarantineSettlements")]
public sealed class QuarantineSettlements : Migration
{
    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        ALTER TABLE quarantined_facts ADD COLUMN producer TEXT NULL;
        ALTER TABLE quarantined_facts ADD COLUMN outcome TEXT NULL;
        ALTER TABLE quarantined_facts ADD COLUMN settled_at INTEGER NULL;
        ALTER TABLE quarantined_facts ADD COLUMN settled_by TEXT NULL;
        ALTER TABLE quarantined_facts ADD COLUMN reason TEXT NULL;
        ALTER TABLE quarantined_facts ADD COLUMN corrected BLOB NULL;
        """);

    /// <inheritdoc />
    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        ALTER TABLE quarantined_facts DROP COLUMN producer;
        ALTER TABLE quarantined_facts DROP COLUMN outcome;
        ALTER TABLE quarantined_facts DROP COLUMN settled_at;
        ALTER TABLE quarantined_facts DROP COLUMN settled_by;
        ALTER TABLE quarantined_facts DROP COLUMN reason;
        ALTER TABLE quarantined_facts DROP COLUMN corrected;
        """);
}
