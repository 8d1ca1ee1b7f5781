using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace IntegrationHub.Storage.Sqlite.Migrations;

/// <summary>Of how many people a run's fields were read back, in how many of them something is not as it was written, and which field.</summary>
[DbContext(typeof(SqliteHubDbContext))]
[Migration("20261205030000_FieldsReadBack")]
public sealed class FieldsReadBack : Migration
{
    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        ALTER TABLE audience_syncs ADD COLUMN fields_read INTEGER NULL;
        ALTER TABLE audience_syncs ADD COLUMN differing INTEGER NULL;
        ALTER TABLE read_backs ADD COLUMN fields_read INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE read_backs ADD COLUMN differing INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE read_back_findings ADD COLUMN field TEXT NULL;
        """);

    /// <inheritdoc />
    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        ALTER TABLE read_back_findings DROP COLUMN field;
        ALTER TABLE read_backs DROP COLUMN differing;
        ALTER TABLE read_backs DROP COLUMN fields_read;
        ALTER TABLE audience_syncs DROP COLUMN differing;
        ALTER TABLE audience_syncs DROP COLUMN fields_read;
        """);
}
