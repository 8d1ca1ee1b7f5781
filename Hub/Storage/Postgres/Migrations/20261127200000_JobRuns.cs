using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace IntegrationHub.Storage.Postgres.Migrations;

/// <summary>What became of each bell of a schedule (decision 0035).</summary>
[DbContext(typeof(PostgresHubDbContext))]
[Migration("20261127200000_JobRuns")]
public sealed class JobRuns : Migration
{
    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        CREATE TABLE job_runs (
            schedule text NOT NULL,
            due_at timestamptz NOT NULL,
            at timestamptz NOT NULL,
            instance text NOT NULL,
            outcome text NOT NULL,
            code text NULL,
            detail text NULL,
            run_ids text NOT NULL,
            PRIMARY KEY (schedule, due_at)
        );
        CREATE INDEX ix_job_runs_at ON job_runs (at);
        """);

    /// <inheritdoc />
    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("DROP TABLE job_runs;");
}
