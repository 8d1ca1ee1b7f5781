using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace IntegrationHub.Storage.Postgres.Migrations;

/// <summary>How large the file was that a comparison read its members from, and why there was none.</summary>
[DbContext(typeof(PostgresHubDbContext))]
[Migration("20261129001000_Extracts")]
public sealed class Extracts : Migration
{
    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        ALTER TABLE reconciliations ADD COLUMN file_bytes bigint NOT NULL DEFAULT 0;
        ALTER TABLE reconciliations ADD COLUMN not_extracted text NULL;
        ALTER TABLE reconciliations ADD COLUMN file_fields boolean NOT NULL DEFAULT false;
        """);

    /// <inheritdoc />
    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        ALTER TABLE reconciliations DROP COLUMN file_fields;
        ALTER TABLE reconciliations DROP COLUMN not_extracted;
        ALTER TABLE reconciliations DROP COLUMN file_bytes;
        """);
}
