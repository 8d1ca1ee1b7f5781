using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace IntegrationHub.Storage.Postgres.Migrations;

/// <summary>What people do with dead letters: their status, actions on them, corrections, and counts that every change of a letter keeps (decision 0040).</summary>
[DbContext(typeof(PostgresHubDbContext))]
[Migration("20261128010000_Letters")]
public sealed class Letters : Migration
{
    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder)
    {
        migrationBuilder.Sql(Tables);
        migrationBuilder.Sql(Counts);
    }

    /// <inheritdoc />
    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        DELETE FROM deliveries WHERE letter_id IS NOT NULL;
        DROP INDEX ux_deliveries_letter;
        ALTER TABLE deliveries DROP COLUMN letter_id;
        DROP TRIGGER letters_come ON dead_letters;
        DROP TRIGGER letters_change ON dead_letters;
        DROP TRIGGER letters_go ON dead_letters;
        DROP FUNCTION count_letters_that_come();
        DROP FUNCTION count_letters_that_change();
        DROP FUNCTION count_letters_that_go();
        DROP TABLE letter_actions, letter_versions, letter_history, letter_tallies, letter_days, letter_results, last_successes;
        DROP INDEX ix_dead_letters_group;
        DROP INDEX ix_dead_letters_replaying;
        ALTER TABLE dead_letters DROP COLUMN status, DROP COLUMN version, DROP COLUMN action_id, DROP COLUMN first_at, DROP COLUMN settled_at, DROP COLUMN result_code;
        """);

    private const string Tables =
        """
        ALTER TABLE deliveries ADD COLUMN letter_id bigint NULL;
        CREATE UNIQUE INDEX ux_deliveries_letter ON deliveries (letter_id) WHERE letter_id IS NOT NULL;
        ALTER TABLE dead_letters ADD COLUMN status text NOT NULL DEFAULT 'open', ADD COLUMN version integer NOT NULL DEFAULT 1, ADD COLUMN action_id bigint NULL,
            ADD COLUMN first_at timestamptz NULL, ADD COLUMN settled_at timestamptz NULL, ADD COLUMN result_code text NULL;
        CREATE INDEX ix_dead_letters_group ON dead_letters (destination, operation, code, dead_letter_id);
        CREATE INDEX ix_dead_letters_replaying ON dead_letters (action_id, dead_letter_id) WHERE status = 'replaying';
        CREATE TABLE letter_actions (
            action_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
            kind text NOT NULL,
            destination text NOT NULL,
            operation smallint NULL,
            code text NULL,
            run_id uuid NULL,
            letter_ids text NULL,
            state text NOT NULL,
            requested_by text NOT NULL,
            reason text NULL,
            idempotency_key text NULL,
            allows_repeat boolean NOT NULL,
            confirmed bigint NOT NULL,
            frozen bigint NOT NULL,
            upper_id bigint NOT NULL,
            frozen_id bigint NOT NULL,
            owed_id bigint NOT NULL,
            stream_id uuid NOT NULL,
            partitions integer NOT NULL,
            requested_at timestamptz NOT NULL,
            stopped_by text NULL,
            finished_at timestamptz NULL
        );
        CREATE UNIQUE INDEX ux_letter_actions_key ON letter_actions (idempotency_key) WHERE idempotency_key IS NOT NULL;
        CREATE INDEX ix_letter_actions_open ON letter_actions (action_id) WHERE finished_at IS NULL;
        CREATE INDEX ix_letter_actions_destination ON letter_actions (destination, action_id);
        CREATE INDEX ix_letter_actions_finished ON letter_actions (finished_at) WHERE finished_at IS NOT NULL;
        CREATE TABLE letter_versions (
            letter_id bigint NOT NULL,
            version integer NOT NULL,
            changes text NOT NULL,
            changed_by text NOT NULL,
            reason text NULL,
            at timestamptz NOT NULL,
            PRIMARY KEY (letter_id, version)
        );
        CREATE TABLE letter_history (
            letter_id bigint NOT NULL,
            at timestamptz NOT NULL,
            action_id bigint NULL,
            status text NOT NULL,
            code text NOT NULL
        );
        CREATE INDEX ix_letter_history_letter ON letter_history (letter_id);
        CREATE TABLE last_successes (
            destination text NOT NULL,
            operation smallint NOT NULL,
            lane text NOT NULL,
            partition integer NOT NULL,
            at timestamptz NOT NULL,
            PRIMARY KEY (destination, operation, lane, partition)
        ) WITH (fillfactor = 50);
        """;

    // Rows are added and never changed, so that no two turns wait for each other; LetterTallies folds them.
    private const string Counts =
        """
        CREATE TABLE letter_tallies (
            destination text NOT NULL,
            operation smallint NOT NULL,
            code text NOT NULL,
            status text NOT NULL,
            count bigint NOT NULL,
            first_at timestamptz NULL,
            last_at timestamptz NULL
        );
        CREATE TABLE letter_days (
            day timestamptz NOT NULL,
            destination text NOT NULL,
            operation smallint NOT NULL,
            code text NOT NULL,
            count bigint NOT NULL
        );
        CREATE INDEX ix_letter_days_day ON letter_days (day);
        CREATE TABLE letter_results (
            action_id bigint NOT NULL,
            status text NOT NULL,
            code text NOT NULL,
            count bigint NOT NULL
        );
        CREATE INDEX ix_letter_results_action ON letter_results (action_id);
        INSERT INTO letter_tallies SELECT destination, operation, code, status, count(*), min(at), max(at) FROM dead_letters GROUP BY 1, 2, 3, 4;
        INSERT INTO letter_days SELECT date_trunc('day', at, 'UTC'), destination, operation, code, count(*) FROM dead_letters GROUP BY 1, 2, 3, 4;

        CREATE FUNCTION count_letters_that_come() RETURNS trigger LANGUAGE plpgsql AS $body$
        BEGIN
            INSERT INTO letter_tallies SELECT destination, operation, code, status, count(*), min(at), max(at) FROM new_letters GROUP BY 1, 2, 3, 4;
            INSERT INTO letter_days SELECT date_trunc('day', at, 'UTC'), destination, operation, code, count(*) FROM new_letters GROUP BY 1, 2, 3, 4;
            RETURN NULL;
        END $body$;
        CREATE FUNCTION count_letters_that_change() RETURNS trigger LANGUAGE plpgsql AS $body$
        BEGIN
            INSERT INTO letter_tallies
            SELECT destination, operation, code, status, sum(n), min(seen), max(seen) FROM (
                SELECT destination, operation, code, status, 1 AS n, at AS seen FROM new_letters
                UNION ALL SELECT destination, operation, code, status, -1, NULL FROM old_letters) c
            GROUP BY 1, 2, 3, 4 HAVING sum(n) <> 0;
            INSERT INTO letter_results
            SELECT action_id, status, result_code, sum(n) FROM (
                SELECT action_id, status, coalesce(result_code, '') AS result_code, 1 AS n FROM new_letters
                UNION ALL SELECT action_id, status, coalesce(result_code, ''), -1 FROM old_letters) c
            WHERE action_id IS NOT NULL AND status <> 'replaying' GROUP BY 1, 2, 3 HAVING sum(n) > 0;
            INSERT INTO letter_history
            SELECT dead_letter_id, max(at), max(action_id), status, max(result_code) FROM (
                SELECT dead_letter_id, coalesce(settled_at, at) AS at, action_id, status, coalesce(result_code, '') AS result_code, version, 1 AS n FROM new_letters
                UNION ALL SELECT dead_letter_id, NULL, action_id, status, NULL, version, -1 FROM old_letters) c
            WHERE status <> 'replaying' GROUP BY dead_letter_id, status, version HAVING sum(n) > 0;
            RETURN NULL;
        END $body$;
        CREATE FUNCTION count_letters_that_go() RETURNS trigger LANGUAGE plpgsql AS $body$
        BEGIN
            INSERT INTO letter_tallies SELECT destination, operation, code, status, -count(*), NULL, NULL FROM old_letters GROUP BY 1, 2, 3, 4;
            DELETE FROM letter_versions v USING old_letters o WHERE v.letter_id = o.dead_letter_id;
            DELETE FROM letter_history h USING old_letters o WHERE h.letter_id = o.dead_letter_id;
            RETURN NULL;
        END $body$;
        CREATE TRIGGER letters_come AFTER INSERT ON dead_letters REFERENCING NEW TABLE AS new_letters FOR EACH STATEMENT EXECUTE FUNCTION count_letters_that_come();
        CREATE TRIGGER letters_change AFTER UPDATE ON dead_letters REFERENCING OLD TABLE AS old_letters NEW TABLE AS new_letters FOR EACH STATEMENT EXECUTE FUNCTION count_letters_that_change();
        CREATE TRIGGER letters_go AFTER DELETE ON dead_letters REFERENCING OLD TABLE AS old_letters FOR EACH STATEMENT EXECUTE FUNCTION count_letters_that_go();
        """;
}
