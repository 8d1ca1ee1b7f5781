using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace IntegrationHub.Storage.Postgres.Migrations;

/// <summary>The hub's own jobs, how well destinations knew people at a time, and how many events they were owed and told (decision 0047).</summary>
[DbContext(typeof(PostgresHubDbContext))]
[Migration("20261128170000_OwnJobs")]
public sealed class OwnJobs : Migration
{
    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        ALTER TABLE job_runs ADD COLUMN attempts integer NOT NULL DEFAULT 0;
        ALTER TABLE job_runs ADD COLUMN began_at timestamptz NULL;
        ALTER TABLE job_runs ADD COLUMN ended_at timestamptz NULL;
        ALTER TABLE job_runs ADD COLUMN held_until timestamptz NULL;
        CREATE INDEX ix_job_runs_open ON job_runs (due_at) WHERE outcome IN ('due', 'working');
        ALTER TABLE reconciliations ADD COLUMN volumes bigint NOT NULL DEFAULT 0;
        ALTER TABLE reconciliations ADD COLUMN fields_differ bigint NOT NULL DEFAULT 0;
        UPDATE reconciliations SET fields_differ = different;
        CREATE TABLE match_rates (
            audience text NOT NULL,
            destination text NOT NULL,
            at timestamptz NOT NULL,
            run_id uuid NULL,
            people bigint NOT NULL,
            without_key bigint NOT NULL,
            sharing_key bigint NOT NULL,
            held bigint NOT NULL,
            held_as_one bigint NOT NULL,
            members bigint NOT NULL,
            PRIMARY KEY (audience, destination, at)
        );
        CREATE INDEX ix_match_rates_at ON match_rates (at);
        CREATE INDEX ix_match_rates_run ON match_rates (run_id) WHERE run_id IS NOT NULL;
        CREATE TABLE events_owed (
            destination text NOT NULL,
            event_name text NOT NULL,
            received_at timestamptz NOT NULL,
            owed bigint NOT NULL
        );
        CREATE INDEX ix_events_owed ON events_owed (destination, received_at);
        CREATE INDEX ix_events_owed_at ON events_owed (received_at);
        CREATE TABLE event_volumes (
            run_id uuid NOT NULL,
            event_name text NOT NULL,
            since timestamptz NOT NULL,
            until timestamptz NOT NULL,
            owed bigint NOT NULL,
            delivered bigint NOT NULL,
            ended bigint NOT NULL,
            pending bigint NOT NULL,
            happened bigint NOT NULL,
            told bigint NULL,
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
        ALTER TABLE job_runs DROP COLUMN attempts, DROP COLUMN began_at, DROP COLUMN ended_at, DROP COLUMN held_until;
        """);
}
