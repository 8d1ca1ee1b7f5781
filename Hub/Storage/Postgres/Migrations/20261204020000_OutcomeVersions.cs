using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace IntegrationHub.Storage.Postgres.Migrations;

/// <summary>Under which version of the configuration each outcome was decided, and each vendor's job was handed over; null of earlier ones.</summary>
[DbContext(typeof(PostgresHubDbContext))]
[Migration("20261204020000_OutcomeVersions")]
public sealed class OutcomeVersions : Migration
{
    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        ALTER TABLE outcomes ADD COLUMN config_version bigint NULL;
        ALTER TABLE bulk_jobs ADD COLUMN config_version bigint NULL;
        """);

    /// <inheritdoc />
    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        ALTER TABLE bulk_jobs DROP COLUMN config_version;
        ALTER TABLE outcomes DROP COLUMN config_version;
        """);
}
