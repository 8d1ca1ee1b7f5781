using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace IntegrationHub.Storage.Sqlite.Migrations;

/// <summary>The hub's own jobs, how well destinations knew people at a time, and how many events they were owed and told (decision 0047).</summary>
[DbContext(typeof(SqliteHubDbContext))]
[Migration("20261128170000_OwnJobs")]
public sealed class OwnJobs : Migration
{
    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        ALTER TABLE job_runs ADD COLUMN attempts INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE job_runs ADD COLUMN began_at INTEGER NULL;
        ALTER TABLE job_runs ADD COLUMN ended_at INTEGER NULL;
        ALTER TABLE job_runs ADD COLUMN held_until INTEGER NULL;
        CREATE INDEX ix_job_runs_open ON job_runs (due_at) WHERE outcome IN ('due', 'working');
        ALTER TABLE reconciliations ADD COLUMN volumes INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE reconciliations ADD COLUMN fields_differ INTEGER NOT NULL DEFAULT 0;
        UPDATE reconciliations SET fields_differ = different;
        CREATE TABLE match_rates (
            audience TEXT NOT NULL,
            destination TEXT NOT NULL,
            at INTEGER NOT NULL,
            run_id TEXT NULL,
            people INTEGER NOT NULL,
            without_key INTEGER NOT NULL,
            sharing_key INTEGER NOT NULL,
            held INTEGER NOT NULL,
            held_as_one INTEGER NOT NULL,
            members INTEGER NOT NULL,
            PRIMARY KEY (audience, destination, at)
        );
        CREATE INDEX ix_match_rates_at ON match_rates (at);
        CREATE INDEX ix_match_rates_run ON match_rates (run_id) WHERE run_id IS NOT NULL;
        CREATE TABLE events_owed (
            destination TEXT NOT NULL,
            event_name TEXT NOT NULL,
            received_at INTEGER NOT NULL,
            owed INTEGER NOT NULL
        );
        CREATE INDEX ix_events_owed ON events_owed (destination, received_at);
        CREATE INDEX ix_events_owed_at ON events_owed (received_at);
        CREATE TABLE event_volumes (
            run_id TEXT NOT NULL,
            event_name TEXT NOT NULL,
            since INTEGER NOT NULL,
            until INTEGER NOT NULL,
            owed INTEGER NOT NULL,
            delivered INTEGER NOT NULL,
            ended INTEGER NOT NULL,
            pending INTEGER NOT NULL,
            happened INTEGER NOT NULL,
            told INTEGER NULL,
            PRIMARY KEY (run_id, event_name)
        );
        """);

    /// <inheritdoc />
    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        DROP TABLE match_rates;
        DROP TABLE events_owed;
        DROP TABLE event_volumes;
        ALTER TABLE reconciliations DROP COLUMN volumes;
        ALTER TABLE reconciliations DROP COLUMN fields_differ;
        DROP INDEX ix_job_runs_open;
        ALTER TABLE job_runs DROP COLUMN attempts;
        ALTER TABLE job_runs DROP COLUMN began_at;
        ALTER TABLE job_runs DROP COLUMN ended_at;
        ALTER TABLE job_runs DROP COLUMN held_until;
        """);
}
