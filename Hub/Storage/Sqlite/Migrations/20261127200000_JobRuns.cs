using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace IntegrationHub.Storage.Sqlite.Migrations;

/// <summary>What became of each bell of a schedule (decision 0035).</summary>
[DbContext(typeof(SqliteHubDbContext))]
[Migration("20261127200000_JobRuns")]
public sealed class JobRuns : Migration
{
    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        CREATE TABLE job_runs (
            schedule TEXT NOT NULL,
            due_at INTEGER NOT NULL,
            at INTEGER NOT NULL,
            instance TEXT NOT NULL,
            outcome TEXT NOT NULL,
            code TEXT NULL,
            detail TEXT NULL,
            run_ids TEXT NOT NULL,
            PRIMARY KEY (schedule, due_at)
        );
        CREATE INDEX ix_job_runs_at ON job_runs (at);
        """);

    /// <inheritdoc />
    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql("DROP TABLE job_runs;");
}
