using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace IntegrationHub.Storage.Postgres.Migrations;

/// <summary>Since when nobody waits for a vendor's job any more, which may end nevertheless.</summary>
[DbContext(typeof(PostgresHubDbContext))]
[Migration("20261130003000_GivenUpJobs")]
public sealed class GivenUpJobs : Migration
{
    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        ALTER TABLE bulk_jobs ADD COLUMN given_up_at timestamptz NULL;
        DROP INDEX ux_bulk_jobs_partition;
        CREATE UNIQUE INDEX ux_bulk_jobs_partition ON bulk_jobs (destination, lane, partition) WHERE given_up_at IS NULL;
        """);

    /// <inheritdoc />
    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        DELETE FROM bulk_job_rows WHERE job_id IN (SELECT job_id FROM bulk_jobs WHERE given_up_at IS NOT NULL);
        DELETE FROM bulk_jobs WHERE given_up_at IS NOT NULL;
        DROP INDEX ux_bulk_jobs_partition;
        ALTER TABLE bulk_jobs DROP COLUMN given_up_at;
        CREATE UNIQUE INDEX ux_bulk_jobs_partition ON bulk_jobs (destination, lane, partition);
        """);
}
