using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace IntegrationHub.Storage.Postgres.Migrations;

/// <summary>Backfills, what each is about and would do, and what it found before it wrote (decision 0039).</summary>
[DbContext(typeof(PostgresHubDbContext))]
[Migration("20261128000000_Backfills")]
public sealed class Backfills : Migration
{
    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        CREATE TABLE backfill_runs (
            correlation_id uuid NOT NULL,
            current_state character varying(64) NOT NULL,
            kind character varying(64) NOT NULL,
            destination character varying(128) NOT NULL,
            audience character varying(128) NOT NULL,
            lane character varying(16) NOT NULL,
            rolls_back uuid NULL,
            requested_by character varying(128) NOT NULL,
            requested_at timestamptz NOT NULL,
            planned_at timestamptz NULL,
            delivering_at timestamptz NULL,
            delivered_at timestamptz NULL,
            verified_at timestamptz NULL,
            finished_at timestamptz NULL,
            last_progress_at timestamptz NOT NULL,
            stalled_since timestamptz NULL,
            waiting_for text NULL,
            diagnosis_code character varying(64) NULL,
            diagnosis_detail text NULL,
            failure_code character varying(64) NULL,
            failure_detail text NULL,
            resume_state character varying(64) NULL,
            planned bigint NULL,
            to_write bigint NULL,
            plan_hash character varying(64) NULL,
            expected bigint NULL,
            found bigint NULL,
            missing bigint NULL,
            verification_round integer NULL,
            read_back_at timestamptz NULL,
            approved_by character varying(128) NULL,
            approved_at timestamptz NULL,
            canceled_by character varying(128) NULL,
            rollback_id uuid NULL,
            progress_timeout_token_id uuid NULL,
            verification_delay_token_id uuid NULL,
            CONSTRAINT "PK_backfill_runs" PRIMARY KEY (correlation_id)
        );
        CREATE INDEX ix_backfill_runs_destination_state ON backfill_runs (destination, current_state);
        CREATE INDEX ix_backfill_runs_requested_at ON backfill_runs (requested_at);
        CREATE TABLE backfill_plans (
            run_id uuid NOT NULL PRIMARY KEY,
            scope jsonb NOT NULL,
            plan jsonb NULL,
            plan_version text NULL,
            plan_hash text NULL
        );
        CREATE TABLE before_images (
            run_id uuid NOT NULL,
            destination text NOT NULL,
            profile_id bigint NOT NULL,
            existed boolean NOT NULL,
            fields jsonb NOT NULL,
            member boolean NULL,
            after_hash jsonb NOT NULL,
            taken_at timestamptz NOT NULL,
            PRIMARY KEY (run_id, destination, profile_id)
        );
        CREATE INDEX ix_before_images_taken_at ON before_images (taken_at);
        CREATE INDEX ix_before_images_profile ON before_images (profile_id);
        CREATE VIEW runs AS
            SELECT correlation_id, 'audience_sync'::text AS kind, destination::text, audience::text, mode::text, lane::text, current_state::text, requested_at, finished_at FROM audience_syncs
            UNION ALL
            SELECT correlation_id, kind::text, destination::text, ''::text, 'backfill'::text, lane::text, current_state::text, requested_at, finished_at FROM backfill_runs;
        """);

    /// <inheritdoc />
    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        "DROP VIEW runs; DROP TABLE before_images; DROP TABLE backfill_plans; DROP TABLE backfill_runs;");
}
