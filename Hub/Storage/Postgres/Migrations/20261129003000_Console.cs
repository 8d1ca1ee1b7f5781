using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace IntegrationHub.Storage.Postgres.Migrations;

/// <summary>Who is signed in to the console, and what became of runs: their rows forget a stall that ended and a pause (decision 0062).</summary>
[DbContext(typeof(PostgresHubDbContext))]
[Migration("20261129003000_Console")]
public sealed class Console : Migration
{
    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        CREATE TABLE console_sessions (
            token_hash bytea NOT NULL PRIMARY KEY,
            key_id text NULL,
            key_hash bytea NOT NULL,
            started_at timestamptz NOT NULL,
            seen_at timestamptz NOT NULL
        );
        CREATE TABLE run_events (
            run_id uuid NOT NULL,
            seq bigint GENERATED ALWAYS AS IDENTITY,
            at timestamptz NOT NULL,
            kind text NOT NULL,
            state_from text NULL,
            state_to text NOT NULL,
            code text NULL,
            PRIMARY KEY (run_id, seq)
        );
        CREATE INDEX ix_audience_syncs_requested ON audience_syncs (requested_at DESC, correlation_id DESC);
        CREATE FUNCTION note_run() RETURNS trigger LANGUAGE plpgsql AS $body$
        BEGIN
            IF TG_OP = 'INSERT' THEN
                INSERT INTO run_events (run_id, at, kind, state_to) VALUES (NEW.correlation_id, clock_timestamp(), 'state', NEW.current_state);
                RETURN NULL;
            END IF;
            IF NEW.current_state <> OLD.current_state THEN
                INSERT INTO run_events (run_id, at, kind, state_from, state_to, code) VALUES (NEW.correlation_id, clock_timestamp(), 'state', OLD.current_state, NEW.current_state, NEW.failure_code);
            END IF;
            IF NEW.stalled_since IS NOT NULL AND (OLD.stalled_since IS NULL OR NEW.diagnosis_code IS DISTINCT FROM OLD.diagnosis_code) THEN
                INSERT INTO run_events (run_id, at, kind, state_to, code) VALUES (NEW.correlation_id, clock_timestamp(), 'stalled', NEW.current_state, NEW.diagnosis_code);
            ELSIF NEW.stalled_since IS NULL AND OLD.stalled_since IS NOT NULL THEN
                INSERT INTO run_events (run_id, at, kind, state_to, code) VALUES (NEW.correlation_id, clock_timestamp(), 'moved', NEW.current_state, OLD.diagnosis_code);
            END IF;
            RETURN NULL;
        END $body$;
        CREATE TRIGGER audience_syncs_note AFTER INSERT OR UPDATE ON audience_syncs FOR EACH ROW EXECUTE FUNCTION note_run();
        CREATE TRIGGER backfill_runs_note AFTER INSERT OR UPDATE ON backfill_runs FOR EACH ROW EXECUTE FUNCTION note_run();
        """);

    /// <inheritdoc />
    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        DROP TRIGGER audience_syncs_note ON audience_syncs;
        DROP TRIGGER backfill_runs_note ON backfill_runs;
        DROP FUNCTION note_run();
        DROP INDEX ix_audience_syncs_requested;
        DROP TABLE run_events;
        DROP TABLE console_sessions;
        """);
}
