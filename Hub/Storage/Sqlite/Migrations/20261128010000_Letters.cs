using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace IntegrationHub.Storage.Sqlite.Migrations;

/// <summary>What people do with dead letters: their status, actions on them, corrections, and counts that every change of a letter keeps (decision 0040).</summary>
[DbContext(typeof(SqliteHubDbContext))]
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
        DROP TRIGGER letters_come;
        DROP TRIGGER letters_change;
        DROP TRIGGER letters_end;
        DROP TRIGGER letters_go;
        DROP TABLE letter_actions;
        DROP TABLE letter_versions;
        DROP TABLE letter_history;
        DROP TABLE letter_tallies;
        DROP TABLE letter_days;
        DROP TABLE letter_results;
        DROP TABLE last_successes;
        DROP INDEX ix_dead_letters_group;
        DROP INDEX ix_dead_letters_replaying;
        ALTER TABLE dead_letters DROP COLUMN status;
        ALTER TABLE dead_letters DROP COLUMN version;
        ALTER TABLE dead_letters DROP COLUMN action_id;
        ALTER TABLE dead_letters DROP COLUMN first_at;
        ALTER TABLE dead_letters DROP COLUMN settled_at;
        ALTER TABLE dead_letters DROP COLUMN result_code;
        """);

    private const string Tables =
        """
        ALTER TABLE deliveries ADD COLUMN letter_id INTEGER NULL;
        CREATE UNIQUE INDEX ux_deliveries_letter ON deliveries (letter_id) WHERE letter_id IS NOT NULL;
        ALTER TABLE dead_letters ADD COLUMN status TEXT NOT NULL DEFAULT 'open';
        ALTER TABLE dead_letters ADD COLUMN version INTEGER NOT NULL DEFAULT 1;
        ALTER TABLE dead_letters ADD COLUMN action_id INTEGER NULL;
        ALTER TABLE dead_letters ADD COLUMN first_at INTEGER NULL;
        ALTER TABLE dead_letters ADD COLUMN settled_at INTEGER NULL;
        ALTER TABLE dead_letters ADD COLUMN result_code TEXT NULL;
        CREATE INDEX ix_dead_letters_group ON dead_letters (destination, operation, code, dead_letter_id);
        CREATE INDEX ix_dead_letters_replaying ON dead_letters (action_id, dead_letter_id) WHERE status = 'replaying';
        CREATE TABLE letter_actions (
            action_id INTEGER PRIMARY KEY AUTOINCREMENT,
            kind TEXT NOT NULL,
            destination TEXT NOT NULL,
            operation INTEGER NULL,
            code TEXT NULL,
            run_id TEXT NULL,
            letter_ids TEXT NULL,
            state TEXT NOT NULL,
            requested_by TEXT NOT NULL,
            reason TEXT NULL,
            idempotency_key TEXT NULL,
            allows_repeat INTEGER NOT NULL,
            confirmed INTEGER NOT NULL,
            frozen INTEGER NOT NULL,
            upper_id INTEGER NOT NULL,
            frozen_id INTEGER NOT NULL,
            owed_id INTEGER NOT NULL,
            stream_id TEXT NOT NULL,
            partitions INTEGER NOT NULL,
            requested_at INTEGER NOT NULL,
            stopped_by TEXT NULL,
            finished_at INTEGER NULL
        );
        CREATE UNIQUE INDEX ux_letter_actions_key ON letter_actions (idempotency_key) WHERE idempotency_key IS NOT NULL;
        CREATE INDEX ix_letter_actions_open ON letter_actions (action_id) WHERE finished_at IS NULL;
        CREATE INDEX ix_letter_actions_destination ON letter_actions (destination, action_id);
        CREATE INDEX ix_letter_actions_finished ON letter_actions (finished_at) WHERE finished_at IS NOT NULL;
        CREATE TABLE letter_versions (
            letter_id INTEGER NOT NULL,
            version INTEGER NOT NULL,
            changes TEXT NOT NULL,
            changed_by TEXT NOT NULL,
            reason TEXT NULL,
            at INTEGER NOT NULL,
            PRIMARY KEY (letter_id, version)
        );
        CREATE TABLE letter_history (
            letter_id INTEGER NOT NULL,
            at INTEGER NOT NULL,
            action_id INTEGER NULL,
            status TEXT NOT NULL,
            code TEXT NOT NULL
        );
        CREATE INDEX ix_letter_history_letter ON letter_history (letter_id);
        CREATE TABLE last_successes (
            destination TEXT NOT NULL,
            operation INTEGER NOT NULL,
            lane TEXT NOT NULL,
            partition INTEGER NOT NULL,
            at INTEGER NOT NULL,
            PRIMARY KEY (destination, operation, lane, partition)
        );
        """;

    private const string Counts =
        """
        CREATE TABLE letter_tallies (
            destination TEXT NOT NULL,
            operation INTEGER NOT NULL,
            code TEXT NOT NULL,
            status TEXT NOT NULL,
            count INTEGER NOT NULL,
            first_at INTEGER NULL,
            last_at INTEGER NULL,
            PRIMARY KEY (destination, operation, code, status)
        );
        CREATE TABLE letter_days (
            day INTEGER NOT NULL,
            destination TEXT NOT NULL,
            operation INTEGER NOT NULL,
            code TEXT NOT NULL,
            count INTEGER NOT NULL,
            PRIMARY KEY (day, destination, operation, code)
        );
        CREATE TABLE letter_results (
            action_id INTEGER NOT NULL,
            status TEXT NOT NULL,
            code TEXT NOT NULL,
            count INTEGER NOT NULL,
            PRIMARY KEY (action_id, status, code)
        );
        INSERT INTO letter_tallies SELECT destination, operation, code, status, count(*), min(at), max(at) FROM dead_letters GROUP BY 1, 2, 3, 4;
        INSERT INTO letter_days SELECT at - at % 864000000000, destination, operation, code, count(*) FROM dead_letters GROUP BY 1, 2, 3, 4;
        CREATE TRIGGER letters_come AFTER INSERT ON dead_letters BEGIN
            INSERT INTO letter_tallies VALUES (NEW.destination, NEW.operation, NEW.code, NEW.status, 1, NEW.at, NEW.at)
                ON CONFLICT (destination, operation, code, status) DO UPDATE SET count = count + 1, first_at = min(coalesce(first_at, NEW.at), NEW.at), last_at = max(coalesce(last_at, NEW.at), NEW.at);
            INSERT INTO letter_days VALUES (NEW.at - NEW.at % 864000000000, NEW.destination, NEW.operation, NEW.code, 1)
                ON CONFLICT (day, destination, operation, code) DO UPDATE SET count = count + 1;
        END;
        CREATE TRIGGER letters_change AFTER UPDATE ON dead_letters WHEN OLD.status <> NEW.status OR OLD.code <> NEW.code BEGIN
            UPDATE letter_tallies SET count = count - 1 WHERE destination = OLD.destination AND operation = OLD.operation AND code = OLD.code AND status = OLD.status;
            INSERT INTO letter_tallies VALUES (NEW.destination, NEW.operation, NEW.code, NEW.status, 1, NEW.at, NEW.at)
                ON CONFLICT (destination, operation, code, status) DO UPDATE SET count = count + 1, first_at = min(coalesce(first_at, NEW.at), NEW.at), last_at = max(coalesce(last_at, NEW.at), NEW.at);
        END;
        CREATE TRIGGER letters_end AFTER UPDATE ON dead_letters
            WHEN NEW.status <> 'replaying' AND (OLD.status <> NEW.status OR OLD.version <> NEW.version OR OLD.action_id IS NOT NEW.action_id) BEGIN
            INSERT INTO letter_results SELECT NEW.action_id, NEW.status, coalesce(NEW.result_code, ''), 1 WHERE NEW.action_id IS NOT NULL
                ON CONFLICT (action_id, status, code) DO UPDATE SET count = count + 1;
            INSERT INTO letter_history VALUES (NEW.dead_letter_id, coalesce(NEW.settled_at, NEW.at), NEW.action_id, NEW.status, coalesce(NEW.result_code, ''));
        END;
        CREATE TRIGGER letters_go AFTER DELETE ON dead_letters BEGIN
            UPDATE letter_tallies SET count = count - 1 WHERE destination = OLD.destination AND operation = OLD.operation AND code = OLD.code AND status = OLD.status;
            DELETE FROM letter_versions WHERE letter_id = OLD.dead_letter_id;
            DELETE FROM letter_history WHERE letter_id = OLD.dead_letter_id;
        END;
        """;
}
