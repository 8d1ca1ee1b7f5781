using Microsoft.EntityFrameworkCore.Infrastructure;
using Microsoft.EntityFrameworkCore.Migrations;

namespace IntegrationHub.Storage.Sqlite.Migrations;

/// <summary>
/// The log: every fact has a position, and ids are known in a table of their own. What was there is moved in one statement per table, in the order of its
/// arrival, as facts of the standard class.
/// </summary>
[DbContext(typeof(SqliteHubDbContext))]
[Migration("20261127100000_FactLog")]
public sealed class FactLog : Migration
{
    /// <inheritdoc />
    protected override void Up(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        CREATE TABLE fact_ids (
            position INTEGER PRIMARY KEY AUTOINCREMENT,
            event_id TEXT NOT NULL UNIQUE,
            received_at INTEGER NOT NULL
        );
        INSERT INTO fact_ids (event_id, received_at) SELECT event_id, received_at FROM facts ORDER BY received_at, event_id;

        ALTER TABLE facts RENAME TO facts_before;
        DROP INDEX ix_facts_received;
        CREATE TABLE facts (
            position INTEGER PRIMARY KEY,
            event_id TEXT NOT NULL,
            retention TEXT NOT NULL,
            tenant_id TEXT NOT NULL,
            event_type TEXT NOT NULL,
            schema_version INTEGER NOT NULL,
            occurred_at INTEGER NOT NULL,
            received_at INTEGER NOT NULL,
            producer TEXT NOT NULL,
            correlation_id TEXT NULL,
            profile_id INTEGER NULL,
            body TEXT NOT NULL
        );
        INSERT INTO facts (position, event_id, retention, tenant_id, event_type, schema_version, occurred_at, received_at, producer, correlation_id, profile_id, body)
        SELECT i.position, f.event_id, 'standard', f.tenant_id, f.event_type, f.schema_version, f.occurred_at, f.received_at, f.producer, f.correlation_id, f.profile_id, f.body
        FROM fact_ids i JOIN facts_before f ON f.event_id = i.event_id ORDER BY i.position;
        DROP TABLE facts_before;
        CREATE INDEX ix_facts_received ON facts (retention, received_at);
        CREATE INDEX ix_facts_profile ON facts (profile_id, received_at);

        ALTER TABLE deliveries ADD COLUMN fact_position INTEGER NULL;
        ALTER TABLE deliveries ADD COLUMN fact_received_at INTEGER NULL;
        ALTER TABLE dead_letters ADD COLUMN fact_position INTEGER NULL;
        ALTER TABLE dead_letters ADD COLUMN fact_received_at INTEGER NULL;
        UPDATE deliveries SET fact_position = i.position, fact_received_at = i.received_at FROM fact_ids i WHERE i.event_id = deliveries.event_id;
        UPDATE dead_letters SET fact_position = i.position, fact_received_at = i.received_at FROM fact_ids i WHERE i.event_id = dead_letters.event_id;
        DROP INDEX ix_deliveries_event;
        CREATE INDEX ix_deliveries_fact ON deliveries (fact_position) WHERE fact_position IS NOT NULL;

        CREATE TABLE event_receipts (
            destination TEXT NOT NULL,
            position INTEGER NOT NULL,
            outcome TEXT NOT NULL,
            at INTEGER NOT NULL
        );
        CREATE INDEX ix_event_receipts ON event_receipts (destination, position);
        CREATE INDEX ix_event_receipts_at ON event_receipts (at);
        """);

    /// <inheritdoc />
    protected override void Down(MigrationBuilder migrationBuilder) => migrationBuilder.Sql(
        """
        DROP TABLE event_receipts;
        DROP INDEX ix_deliveries_fact;
        ALTER TABLE deliveries DROP COLUMN fact_position;
        ALTER TABLE deliveries DROP COLUMN fact_received_at;
        ALTER TABLE dead_letters DROP COLUMN fact_position;
        ALTER TABLE dead_letters DROP COLUMN fact_received_at;
        CREATE INDEX ix_deliveries_event ON deliveries (event_id) WHERE event_id IS NOT NULL;
        ALTER TABLE facts RENAME TO facts_log;
        DROP INDEX ix_facts_received;
        CREATE TABLE facts (
            event_id TEXT PRIMARY KEY,
            tenant_id TEXT NOT NULL,
            event_type TEXT NOT NULL,
            schema_version INTEGER NOT NULL,
            occurred_at INTEGER NOT NULL,
            received_at INTEGER NOT NULL,
            producer TEXT NOT NULL,
            correlation_id TEXT NULL,
            profile_id INTEGER NULL,
            body TEXT NOT NULL
        );
        INSERT INTO facts SELECT event_id, tenant_id, event_type, schema_version, occurred_at, received_at, producer, correlation_id, profile_id, body FROM facts_log;
        DROP TABLE facts_log;
        DROP TABLE fact_ids;
        CREATE INDEX ix_facts_received ON facts (received_at);
        """);
}
