using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace IntegrationHub.Storage.Sqlite.Migrations;

/// <summary>Backfills, what each is about and would do, and what it found before it wrote (decision 0039).</summary>
[DbContext(typeof(SqliteHubDbContext))]
[Migration("20261128000000_Backfills")]
public sealed class Backfills : Migration
{
    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        CREATE TABLE backfill_runs (
            correlation_id TEXT NOT NULL,
            current_state TEXT NOT NULL,
            kind TEXT NOT NULL,
            destination TEXT NOT NULL,
            audience TEXT NOT NULL,
            lane TEXT NOT NULL,
            rolls_back TEXT NULL,
            requested_by TEXT NOT NULL,
            requested_at INTEGER NOT NULL,
            planned_at INTEGER NULL,
            delivering_at INTEGER NULL,
            delivered_at INTEGER NULL,
            verified_at INTEGER NULL,
            finished_at INTEGER NULL,
            last_progress_at INTEGER NOT NULL,
            stalled_since INTEGER NULL,
            waiting_for TEXT NULL,
            diagnosis_code TEXT NULL,
            diagnosis_detail TEXT NULL,
            failure_code TEXT NULL,
            failure_detail TEXT NULL,
            resume_state TEXT NULL,
            planned INTEGER NULL,
            to_write INTEGER NULL,
            plan_hash TEXT NULL,
            expected INTEGER NULL,
            found INTEGER NULL,
            missing INTEGER NULL,
            verification_round INTEGER NULL,
            read_back_at INTEGER NULL,
            approved_by TEXT NULL,
            approved_at INTEGER NULL,
            canceled_by TEXT NULL,
            rollback_id TEXT NULL,
            progress_timeout_token_id TEXT NULL,
            verification_delay_token_id TEXT NULL,
            CONSTRAINT "PK_backfill_runs" PRIMARY KEY (correlation_id)
        );
        CREATE INDEX ix_backfill_runs_destination_state ON backfill_runs (destination, current_state);
        CREATE INDEX ix_backfill_runs_requested_at ON backfill_runs (requested_at);
        CREATE TABLE backfill_plans (
            run_id TEXT NOT NULL PRIMARY KEY,
            scope TEXT NOT NULL,
            plan TEXT NULL,
            plan_version TEXT NULL,
            plan_hash TEXT NULL
        );
        CREATE TABLE before_images (
            run_id TEXT NOT NULL,
            destination TEXT NOT NULL,
            profile_id INTEGER NOT NULL,
            existed INTEGER NOT NULL,
            fields TEXT NOT NULL,
            member INTEGER NULL,
            after_hash TEXT NOT NULL,
            taken_at INTEGER NOT NULL,
            PRIMARY KEY (run_id, destination, profile_id)
        );
        CREATE INDEX ix_before_images_taken_at ON before_images (taken_at);
        CREATE INDEX ix_before_images_profile ON before_images (profile_id);
        CREATE VIEW runs AS
            SELECT correlation_id, 'audience_sync' AS kind, destination, audience, mode, lane, current_state, requested_at, finished_at FROM audience_syncs
            UNION ALL
            SELECT correlation_id, kind, destination, '', 'backfill', lane, current_state, requested_at, finished_at FROM backfill_runs;
        """);

    /// <inheritdoc />
    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        "DROP VIEW runs; DROP TABLE before_images; DROP TABLE backfill_plans; DROP TABLE backfill_runs;");
}
