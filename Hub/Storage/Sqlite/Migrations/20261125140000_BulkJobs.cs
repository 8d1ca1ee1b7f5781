using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace IntegrationHub.Storage.Sqlite.Migrations;

/// <summary>Vendor jobs that deliveries wait for.</summary>
[DbContext(typeof(SqliteHubDbContext))]
[Migration("20261125140000_BulkJobs")]
public sealed class BulkJobs : Migration
{
    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        CREATE TABLE bulk_jobs (
            job_id INTEGER PRIMARY KEY AUTOINCREMENT,
            destination text NOT NULL,
            lane text NOT NULL,
            partition integer NOT NULL,
            run_id text NOT NULL,
            audience text NOT NULL,
            operation INTEGER NOT NULL,
            remote_job text NOT NULL,
            plan_version text NOT NULL,
            started_at INTEGER NOT NULL,
            poll_at INTEGER NOT NULL
        );
        CREATE UNIQUE INDEX ux_bulk_jobs_partition ON bulk_jobs (destination, lane, partition);
        CREATE TABLE bulk_job_rows (
            job_id INTEGER NOT NULL,
            delivery_id INTEGER NOT NULL,
            content_hash text NULL,
            profile_version INTEGER NOT NULL,
            PRIMARY KEY (job_id, delivery_id)
        );
        """);

    /// <inheritdoc />
    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("DROP TABLE bulk_jobs; DROP TABLE bulk_job_rows;");
}
