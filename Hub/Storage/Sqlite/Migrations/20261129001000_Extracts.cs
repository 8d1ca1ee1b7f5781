using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace IntegrationHub.Storage.Sqlite.Migrations;

/// <summary>How large the file was that a comparison read its members from, and why there was none.</summary>
[DbContext(typeof(SqliteHubDbContext))]
[Migration("20261129001000_Extracts")]
public sealed class Extracts : Migration
{
    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        ALTER TABLE reconciliations ADD COLUMN file_bytes INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE reconciliations ADD COLUMN not_extracted TEXT NULL;
        ALTER TABLE reconciliations ADD COLUMN file_fields INTEGER NOT NULL DEFAULT 0;
        """);

    /// <inheritdoc />
    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        ALTER TABLE reconciliations DROP COLUMN file_fields;
        ALTER TABLE reconciliations DROP COLUMN not_extracted;
        ALTER TABLE reconciliations DROP COLUMN file_bytes;
        """);
}
