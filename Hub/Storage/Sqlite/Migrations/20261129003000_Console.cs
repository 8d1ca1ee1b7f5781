using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace IntegrationHub.Storage.Sqlite.Migrations;

/// <summary>Who is signed in to the console, and what became of runs: their rows forget a stall that ended and a pause (decision 0062).</summary>
[DbContext(typeof(SqliteHubDbContext))]
[Migration("20261129003000_Console")]
public sealed class Console : Migration
{
    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        CREATE TABLE console_sessions (
            token_hash BLOB NOT NULL PRIMARY KEY,
            key_id TEXT NULL,
            key_hash BLOB NOT NULL,
            started_at INTEGER NOT NULL,
            seen_at INTEGER NOT NULL
        );
        CREATE TABLE run_events (
            seq INTEGER PRIMARY KEY AUTOINCREMENT,
            run_id TEXT NOT NULL,
            at INTEGER NOT NULL,
            kind TEXT NOT NULL,
            state_from TEXT NULL,
            state_to TEXT NOT NULL,
            code TEXT NULL
        );
        CREATE INDEX ix_run_events_run ON run_events (run_id, seq);
        CREATE INDEX ix_audience_syncs_requested ON audience_syncs (requested_at DESC, correlation_id DESC);
        CREATE TRIGGER audience_syncs_begin AFTER INSERT ON audience_syncs BEGIN
            INSERT INTO run_events (run_id, at, kind, state_to) VALUES (NEW.correlation_id, 621355968000000000 + CAST((julianday('now') - 2440587.5) * 864000000000 AS INTEGER), 'state', NEW.current_state);
        END;
        CREATE TRIGGER audience_syncs_turn AFTER UPDATE ON audience_syncs WHEN NEW.current_state <> OLD.current_state BEGIN
            INSERT INTO run_events (run_id, at, kind, state_from, state_to, code) VALUES (NEW.correlation_id, 621355968000000000 + CAST((julianday('now') - 2440587.5) * 864000000000 AS INTEGER), 'state', OLD.current_state, NEW.current_state, NEW.failure_code);
        END;
        CREATE TRIGGER audience_syncs_stall AFTER UPDATE ON audience_syncs WHEN NEW.stalled_since IS NOT NULL AND (OLD.stalled_since IS NULL OR NEW.diagnosis_code IS NOT OLD.diagnosis_code) BEGIN
            INSERT INTO run_events (run_id, at, kind, state_to, code) VALUES (NEW.correlation_id, 621355968000000000 + CAST((julianday('now') - 2440587.5) * 864000000000 AS INTEGER), 'stalled', NEW.current_state, NEW.diagnosis_code);
        END;
        CREATE TRIGGER audience_syncs_move AFTER UPDATE ON audience_syncs WHEN NEW.stalled_since IS NULL AND OLD.stalled_since IS NOT NULL BEGIN
            INSERT INTO run_events (run_id, at, kind, state_to, code) VALUES (NEW.correlation_id, 621355968000000000 + CAST((julianday('now') - 2440587.5) * 864000000000 AS INTEGER), 'moved', NEW.current_state, OLD.diagnosis_code);
        END;
        CREATE TRIGGER backfill_runs_begin AFTER INSERT ON backfill_runs BEGIN
            INSERT INTO run_events (run_id, at, kind, state_to) VALUES (NEW.correlation_id, 621355968000000000 + CAST((julianday('now') - 2440587.5) * 864000000000 AS INTEGER), 'state', NEW.current_state);
        END;
        CREATE TRIGGER backfill_runs_turn AFTER UPDATE ON backfill_runs WHEN NEW.current_state <> OLD.current_state BEGIN
            INSERT INTO run_events (run_id, at, kind, state_from, state_to, code) VALUES (NEW.correlation_id, 621355968000000000 + CAST((julianday('now') - 2440587.5) * 864000000000 AS INTEGER), 'state', OLD.current_state, NEW.current_state, NEW.failure_code);
        END;
        CREATE TRIGGER backfill_runs_stall AFTER UPDATE ON backfill_runs WHEN NEW.stalled_since IS NOT NULL AND (OLD.stalled_since IS NULL OR NEW.diagnosis_code IS NOT OLD.diagnosis_code) BEGIN
            INSERT INTO run_events (run_id, at, kind, state_to, code) VALUES (NEW.correlation_id, 621355968000000000 + CAST((julianday('now') - 2440587.5) * 864000000000 AS INTEGER), 'stalled', NEW.current_state, NEW.diagnosis_code);
        END;
        CREATE TRIGGER backfill_runs_move AFTER UPDATE ON backfill_runs WHEN NEW.stalled_since IS NULL AND OLD.stalled_since IS NOT NULL BEGIN
            INSERT INTO run_events (run_id, at, kind, state_to, code) VALUES (NEW.correlation_id, 621355968000000000 + CAST((julianday('now') - 2440587.5) * 864000000000 AS INTEGER), 'moved', NEW.current_state, OLD.diagnosis_code);
        END;
        """);

    /// <inheritdoc />
    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        DROP TRIGGER audience_syncs_begin; DROP TRIGGER audience_syncs_turn; DROP TRIGGER audience_syncs_stall; DROP TRIGGER audience_syncs_move;
        DROP TRIGGER backfill_runs_begin; DROP TRIGGER backfill_runs_turn; DROP TRIGGER backfill_runs_stall; DROP TRIGGER backfill_runs_move;
        DROP INDEX ix_audience_syncs_requested; DROP TABLE run_events; DROP TABLE console_sessions;
        """);
}
